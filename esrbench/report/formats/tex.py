"""Words and numbers as LaTeX takes them."""

from __future__ import annotations

import re

from esrbench.printable import printable

_LETTERS = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "÷": r"$\div$",
    "×": r"$\times$",
    "≠": r"$\neq$",
    "≥": r"$\geq$",
    "†": r"$\dagger$",
    "±": r"$\pm$",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "“": "``",
    "”": "''",
}
_SIGNS = {"≠": r"\neq", "≥": r"\geq", "†": r"\dagger", "±": r"\pm"}
_POWER = re.compile(r"([\d.]+)·10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)")
_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def words(text: str) -> str:
    """``text`` so that LaTeX prints it as it is."""
    return "".join(_LETTERS.get(c, "\\" + c if c in "&%$#_{}" else c) for c in printable(text))


def number(text: str, *, best: bool = False, second: bool = False, mark: str = "") -> str:
    """A printed value, bold or underlined, with its signs raised."""
    shown = text.replace("−", "$-$").replace("∞", r"$\infty$").replace(",", "{,}")
    shown = _POWER.sub(lambda m: rf"${m[1]} \cdot 10^{{{m[2].translate(_DIGITS)}}}$", shown)
    if best:
        shown = rf"\textbf{{{shown}}}"
    elif second:
        shown = rf"\underline{{{shown}}}"
    return shown + raised(mark)


def raised(mark: str) -> str:
    """Signs as a superscript; "" for none."""
    return f"$^{{{''.join(_SIGNS[sign] for sign in mark)}}}$" if mark else ""


def comment(text: str) -> str:
    """One line that LaTeX leaves out."""
    return f"% {printable(text)}"
