"""What each reference submission must be, as counted on the authors' own code.

Parameters are those of the deployed form. MACs (fvcore's count) and convolution activations are
for one 1x3x256x256 input. None: the authors' figure is not known.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    submission: str
    scale: int
    params: int
    gmacs: float | None = None
    """Known to the last digit written here, at 1x3x256x256."""
    activations_m: float | None = None
    golden: str | None = None
    """The name in golden_outputs.json of the same network with the official weights."""
    counted_at: int = 256
    """Side of the input that MACs and activations are counted at here and scaled up from: less
    where both are in proportion to the pixels, which is so for convolutions and for windows."""

    def __str__(self) -> str:
        return f"{self.submission}-x{self.scale}"


ROWS = [
    Row("nearest", 4, 0),
    Row("bicubic", 4, 0),
    Row("lanczos", 4, 0),
    Row("span/c28", 4, 150_688, 9.833808, 41.680896, "SPAN ch28 x4 deploy"),
    Row("span/c48", 4, 426_288, 27.868, 69.21),
    Row("span/c48", 2, 410_700),
    Row("span/c52", 4, 498_208, 32.576, 74.71),
    Row("span/c52", 2, 481_324),
    Row("rlfn/rlfn", 4, 543_740, 33.957, None, "rlfn_x4"),
    Row("rlfn/rlfn", 2, 526_856, None, None, "rlfn_x2"),
    Row("rlfn/s", 4, 470_208, 29.146, None, "rlfn_s_x4"),
    Row("rlfn/s", 2, 454_620, None, None, "rlfn_s_x2"),
    Row("rlfn/ntire", 4, 317_218, 19.674860, 80.045184, "rlfn_ntire_x4"),
    Row("imdn/imdn", 4, 715_176, 46.544, None, "IMDN x4"),
    Row("imdn/imdn", 3, 703_059, None, None, "IMDN x3"),
    Row("imdn/imdn", 2, 694_404, None, None, "IMDN x2"),
    Row("imdn/ntire2022", 4, 893_936, 58.430849, 154.140672),
    Row("rfdn", 4, 433_448, 27.046231, 112.034240, "RFDN_AIM x4"),
    Row("efdn", 4, 276_192, 16.703471, 111.116736, "EFDN x4 (clamped 0..1)"),
    Row("efdn", 2, 260_604, None, None, "EFDN x2 (clamped 0..1)"),
    Row("bsrn/bsrn", 4, 352_400, 21.887, 404.96, "BSRN x4"),
    Row("bsrn/bsrn", 3, 340_283, None, None, "BSRN x3"),
    Row("bsrn/bsrn", 2, 331_628, None, None, "BSRN x2"),
    # The official BSRN-S has Linear layers, which fvcore counts alike but NTIRE's activations not.
    Row("bsrn/s", 4, 156_288, 9.446, None, "BSRN-S x4"),
    Row("ecbsr/m4c16", 4, 16_768, 1.085, None, "ECBSR_M4C16 x4 RGB deploy"),
    Row("ecbsr/m4c16", 3, 13_723, None, None, "ECBSR_M4C16 x3 RGB deploy"),
    Row("ecbsr/m4c16", 2, 11_548, None, None, "ECBSR_M4C16 x2 RGB deploy"),
    Row("ecbsr/m4c32", 4, 51_920, 3.379, None, "ECBSR_M4C32 x4 RGB deploy"),
    Row("ecbsr/m4c32", 3, 45_851, None, None, "ECBSR_M4C32 x3 RGB deploy"),
    Row("ecbsr/m4c32", 2, 41_516, None, None, "ECBSR_M4C32 x2 RGB deploy"),
    Row("ecbsr/m6c40", 4, 105_368, 6.866, None, "ECBSR_M6C40 x4 RGB deploy"),
    Row("ecbsr/m6c40", 3, 97_787, None, None, "ECBSR_M6C40 x3 RGB deploy"),
    Row("ecbsr/m6c40", 2, 92_372, None, None, "ECBSR_M6C40 x2 RGB deploy"),
    # M16C64 in RGB and the other sizes and scales on Y: by arithmetic, (9 i o + o) a convolution
    # and o a PReLU. x4 of M4C8, M4C16, M10C32 and M16C64 were counted on the authors' code.
    Row("ecbsr/m16c64", 4, 621_424),
    Row("ecbsr/m16c64", 3, 609_307),
    Row("ecbsr/m16c64", 2, 600_652),
    Row("ecbsr/m4c8-y", 4, 3_624),
    Row("ecbsr/m4c8-y", 3, 3_113),
    Row("ecbsr/m4c8-y", 2, 2_748),
    Row("ecbsr/m4c16-y", 4, 11_840),
    Row("ecbsr/m4c16-y", 3, 10_825),
    Row("ecbsr/m4c16-y", 2, 10_100),
    Row("ecbsr/m4c32-y", 4, 42_096),
    Row("ecbsr/m4c32-y", 3, 40_073),
    Row("ecbsr/m4c32-y", 2, 38_628),
    Row("ecbsr/m6c40-y", 4, 93_096),
    Row("ecbsr/m6c40-y", 3, 90_569),
    Row("ecbsr/m6c40-y", 2, 88_764),
    Row("ecbsr/m10c32-y", 4, 97_776),
    Row("ecbsr/m10c32-y", 3, 95_753),
    Row("ecbsr/m10c32-y", 2, 94_308),
    Row("ecbsr/m16c64-y", 4, 601_808),
    Row("ecbsr/m16c64-y", 3, 597_769),
    Row("ecbsr/m16c64-y", 2, 594_884),
    Row("etds/t", 4, 21_360, 1.387, None, "ETDS_M5C16 x4"),
    Row("etds/t", 3, 16_920, None, None, "ETDS_M5C16 x3"),
    Row("etds/t", 2, 13_944, None, None, "ETDS_M5C16 x2"),
    Row("etds/s", 4, 54_112, 3.530, None, "ETDS_M4C32 x4"),
    Row("etds/s", 3, 46_792, None, None, "ETDS_M4C32 x3"),
    Row("etds/s", 2, 41_512, None, None, "ETDS_M4C32 x2"),
    Row("etds/m", 4, 72_608, 4.737, None, "ETDS_M6C32 x4"),
    Row("etds/m", 3, 65_288, None, None, "ETDS_M6C32 x3"),
    Row("etds/m", 2, 60_008, None, None, "ETDS_M6C32 x2"),
    Row("etds/l", 4, 169_968, 11.108, None, "ETDS_M7C48 x4"),
    Row("etds/l", 3, 159_768, None, None, "ETDS_M7C48 x3"),
    Row("etds/l", 2, 152_184, None, None, "ETDS_M7C48 x2"),
    Row("safmn/safmn", 4, 239_520, 15.42, 87.27),
    Row("safmn/safmn", 3, 232_695),
    Row("safmn/safmn", 2, 227_820),
    Row("safmn/l", 4, 5_600_816),
    Row("safmn/ntire2023", 4, 237_000, None, None, "SAFMN NTIRE23 variant x4"),
    Row("vapsr/vapsr", 4, 342_220, None, None, "VapSR x4"),
    Row("vapsr/vapsr", 3, 336_811),
    Row("vapsr/vapsr", 2, 329_236),
    Row("vapsr/s", 4, 154_956, None, None, "VapSR-S x4"),
    # By arithmetic from the layers the papers give, in RGB: 24,336 multiply-adds an LR pixel.
    Row("fsrcnn", 4, 24_683, 1.594884),
    Row("espcn", 4, 37_200),
    Row("svan/b7", 4, 210_960, 13.63, 266.3),
    Row("svan/b7", 3, 201_867),
    Row("svan/b7", 2, 195_372),
    Row("svan/b11", 4, 312_912),
    Row("svan/b11", 3, 303_819),
    Row("svan/b11", 2, 297_324),
    Row("shufflemixer/base", 4, 410_579, 31.51),
    Row("shufflemixer/base", 3, 414_739),
    Row("shufflemixer/base", 2, 393_939),
    Row("shufflemixer/tiny", 4, 112_659, 8.88),
    Row("shufflemixer/tiny", 3, 113_715),
    Row("shufflemixer/tiny", 2, 108_435),
    # SeemoRe's MACs depend on which expert each router prefers: see test_counts.py.
    Row("seemore/t", 4, 231_804),
    Row("seemore/t", 3, 224_979),
    Row("seemore/t", 2, 220_104),
    Row("seemore/b", 4, 505_952),
    Row("seemore/b", 3, 496_859),
    Row("seemore/b", 2, 490_364),
    Row("seemore/l", 4, 968_896),
    Row("seemore/l", 3, 959_803),
    Row("seemore/l", 2, 953_308),
    Row("carn/carn", 4, 1_111_899, 103.404, 220.4),
    Row("carn/carn", 3, 1_148_827, 76.03),
    Row("carn/carn", 2, 964_187, 63.38),
    Row("carn/m", 4, 294_171, 36.966, 258.2),
    Row("carn/m", 3, 303_451, 29.53),
    Row("carn/m", 2, 257_051, 25.94),
    Row("quicksrnet/small", 4, 33_264, 2.171, 9.4),
    Row("quicksrnet/small", 3, 27_195),
    Row("quicksrnet/small", 2, 22_860, 1.491),
    Row("quicksrnet/medium", 4, 61_008, 3.983, 15.7),
    Row("quicksrnet/medium", 3, 54_939),
    Row("quicksrnet/medium", 2, 50_604, 3.303),
    Row("quicksrnet/large", 4, 435_888, 28.510, 56.6),
    Row("quicksrnet/large", 3, 423_687),
    Row("quicksrnet/large", 2, 414_972, 27.144),
    Row("ditn/u1", 4, 444_112),
    Row("ditn/u1", 3, 432_751),
    Row("ditn/u1", 2, 424_636),
    Row("ditn/u3", 4, 1_212_120),
    Row("rdbnet", 4, 316_508),
    Row("rdbnet", 2, 300_920),
    Row("smsr", 4, 1_008_102, 65.02),
    Row("smsr", 3, 995_985),
    Row("smsr", 2, 987_330, None, None, "SMSR x2"),
    # Its convolutions run at HR size: 421.76 G MACs, too many for a test.
    Row("nlffc", 4, 423_404, None, None, "NLFFC NTIRE22 team02 x4"),
    Row("fiwhn", 4, 725_906, None, None, "FIWHN x4"),
    Row("fiwhn", 3, 713_768, None, None, "FIWHN x3"),
    Row("fiwhn", 2, 705_098, None, None, "FIWHN x2"),
    Row("ramit/ramit-1", 4, 843_936, 41.68),
    Row("ramit/ramit-1", 3, 831_819),
    Row("ramit/ramit-1", 2, 823_164),
    Row("ramit/slimsr", 4, 596_596, 35.57),
    Row("ramit/slimsr", 3, 587_503),
    Row("ramit/slimsr", 2, 581_008),
    Row("ramit/ramit", 4, 960_616, 45.43),
    Row("ramit/ramit", 3, 948_499),
    Row("ramit/ramit", 2, 939_844),
    # The narrower widths by their convolutions (94,395 and 195,003) and the fixed mean.
    Row("arm/carn-36", 4, 94_419, 12.177, None, "ARM-CARN supernet width 36 x4"),
    Row("arm/carn-52", 4, 195_027, 24.700, None, "ARM-CARN supernet width 52 x4"),
    Row("arm/carn-64", 4, 294_171, 36.966, None, "ARM-CARN supernet width 64 x4"),
    # By arithmetic from the layers, of which the ends are cut to the width.
    Row("arm/fsrcnn-16", 4, 10_755, 0.698, None, "ARM-FSRCNN supernet width 16 x4"),
    Row("arm/fsrcnn-36", 4, 17_635, 1.147, None, "ARM-FSRCNN supernet width 36 x4"),
    Row("arm/fsrcnn-56", 4, 24_515, 1.595, None, "ARM-FSRCNN supernet width 56 x4"),
    *(
        Row(f"pcsr/{backbone}{which}", 4, params, None, None, f"PCSR {backbone} phase1 x4 {row}")
        for backbone, params in (("carn", 168_970), ("fsrcnn", 24_502))
        for which, row in (
            ("", "k=0 with refinement"),
            ("-hard", "all pixels hard upsampler"),
            ("-easy", "all pixels easy upsampler"),
        )
    ),
    Row(
        "pcsr/fsrcnn-baseline",
        4,
        24_515,
        1.595,
        golden="PCSR repository baseline fsrcnn-x4 (no classifier)",
    ),
    Row("elan/light", 4, 640_392, 57.31, counted_at=64),
    Row("elan/light", 3, 629_031),
    Row("elan/light", 2, 620_916),
    Row("elan/elan", 4, 8_487_432, 648.80, counted_at=32),
    Row("elan/elan", 3, 8_453_391),
    Row("elan/elan", 2, 8_429_076),
    # Attention grows with the square of the pixels: see test_counts.py.
    Row("esrt", 4, 751_767),
    Row("esrt", 3, 770_263),
    Row("esrt", 2, 677_783),
    Row("dlgsanet/tiny", 4, 581_298),
    Row("dlgsanet/tiny", 3, 572_205),
    Row("dlgsanet/tiny", 2, 565_710),
    Row("dlgsanet/light", 4, 760_776),
    Row("dlgsanet/light", 3, 751_683),
    Row("dlgsanet/light", 2, 745_188),
    # Padded to a multiple of the window and by one at least: see test_counts.py.
    Row("swinfir", 4, 966_696),
    Row("swinfir", 3, 955_335),
    Row("swinfir", 2, 947_220),
]
