"""Reach anyone."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
from typing import Any

Facts = dict[str, Any]


def tcp_on_this_machine(facts: Facts) -> object:
    return socket.create_connection(("127.0.0.1", facts["tcp"]), timeout=2)


def tcp_of_version_6(facts: Facts) -> object:
    return socket.create_connection(("::1", facts["tcp"]), timeout=2)


def tcp_server(facts: Facts) -> object:
    return socket.create_server(("127.0.0.1", 0))


def datagram_on_this_machine(facts: Facts) -> object:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        return one.sendto(b"out", ("127.0.0.1", facts["udp"]))


def name_of_the_network(facts: Facts) -> object:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        return one.sendto(b"question", ("192.0.2.1", 53))


def web_address(facts: Facts) -> object:
    http.client.HTTPConnection("127.0.0.1", facts["tcp"], timeout=2).connect()
    return True


def socket_file(facts: Facts) -> object:
    one = socket.socket(socket.AF_UNIX)
    one.connect(facts["unix"])
    return one


def abstract_socket(facts: Facts) -> object:
    one = socket.socket(socket.AF_UNIX)
    one.connect("\0" + facts["abstract"])
    return one


def raw_socket(facts: Facts) -> object:
    return socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)


def packets(facts: Facts) -> object:
    return socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)


def netlink(facts: Facts) -> object:
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)


def through_a_child(facts: Facts) -> object:
    code = f"import socket; socket.create_connection(('127.0.0.1', {facts['tcp']}), 2)"
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, timeout=20)
    return done.returncode == 0
