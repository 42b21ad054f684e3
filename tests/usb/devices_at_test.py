#!/usr/bin/env python3
"""`counterfoil devices` with devices that are named by their place: a scanner and a scale at PTYs, a display and a
printer at addresses, and a clip of a camera."""
import json
import os
import select
import socket
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "journey")]
import journey  # noqa: E402

PROGRAM = os.path.join(os.environ["CF_BUILD"], "bin", "counterfoil")


class Devices:
    """The command while it runs."""

    def __init__(self, *words):
        self.process = subprocess.Popen([PROGRAM, "devices", "--json", *words], stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.process.terminate()
        self.process.stdout.close()
        assert self.process.wait() == 0 or why[0]

    def until(self, event):
        for line in self.process.stdout:
            told = json.loads(line)
            if told.get("event") == event:
                return told
        raise AssertionError(f"{event} was never told")


class Line:
    """The far end of a serial port."""

    def __init__(self, answer=None):
        self.near, self.far = os.openpty()
        self.place, self.answer = os.ttyname(self.far), answer
        self.stop_read, self.stop_write = os.pipe()
        self.thread = threading.Thread(target=self.serve)

    def serve(self):
        while self.stop_read not in select.select([self.near, self.stop_read], [], [])[0]:
            if b"W" in os.read(self.near, 64) and self.answer:
                os.write(self.near, self.answer)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *why):
        os.write(self.stop_write, b"x")
        self.thread.join()
        for fd in (self.near, self.far, self.stop_read, self.stop_write):
            os.close(fd)


def replay(path):
    done = subprocess.run([PROGRAM, "devices", "--json", "replay", path], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def a_scanner_is_tested_recorded_and_replayed(folder):
    tape = os.path.join(folder, "scanner")
    with Line() as line, Devices("--scanner", line.place, "record", tape) as devices:
        assert devices.until("up")["driver"] == "serial"
        os.write(line.near, b"4006381333931\r\n")
        assert devices.until("scan")["text"] == "4006381333931"
    assert [told["event"] for told in replay(tape)] == ["up", "scan"]


def a_scale_is_tested_recorded_and_replayed(folder):
    tape = os.path.join(folder, "scale")
    with Line(b"\x0200.250\r") as line, Devices("--scale", line.place, "record", tape) as devices:
        weighed = devices.until("weight")
    assert weighed["driver"] == "toledo", weighed
    told = replay(tape)
    assert any(event.get("weight_g") == weighed.get("weight_g") for event in told if event["event"] == "weight"), told


def a_display_shows_a_text(_folder):
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = f"127.0.0.1:{server.getsockname()[1]},escpos"
        with Devices("--display", place, "test") as devices:
            display = server.accept()[0]
            assert devices.until("up")["driver"] == "display"
            shown = b""
            while b"0987654321" not in shown:
                more = display.recv(256)
                assert more, shown
                shown += more
            assert b"Counterfoil" in shown
            display.close()


def a_printer_that_says_nothing_is_recorded_and_replayed(folder):
    tape = os.path.join(folder, "printer")
    with socket.create_server(("127.0.0.1", 0)) as server:
        with Devices("--printer", f"127.0.0.1:{server.getsockname()[1]}", "record", tape) as devices:
            printer = server.accept()[0]
            assert devices.until("up")["driver"] == "escpos"
            printer.close()
            devices.until("down")
    assert [told["event"] for told in replay(tape)][0] == "up"


def a_clip_is_read_as_by_a_camera(folder):
    """Ten frames of a code, ten of nothing."""
    with open(os.path.join(os.environ["CF_SOURCE"], "tests/fuzz/corpus/image/qr.pgm"), "rb") as file:
        small = file.read()[-29 * 29:]
    rows = [bytes(pixel for pixel in small[29 * y:29 * y + 29] for _ in range(8)) for y in range(29)]
    code = b"".join(row * 8 for row in rows)
    clip = os.path.join(folder, "clip.y4m")
    with open(clip, "wb") as file:
        file.write(b"YUV4MPEG2 W232 H232 F30:1 Ip A1:1 Cmono\n")
        for frame in range(20):
            file.write(b"FRAME\n" + (code if frame < 10 else b"\xff" * len(code)))
    told = replay(clip)
    assert [event["event"] for event in told] == ["scan"] and told[0]["driver"] == "camera", told


def a_camera_that_is_none_is_named(folder):
    done = subprocess.run([PROGRAM, "devices", "--json", "--camera", "/dev/null", "record", os.path.join(folder, "none")],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 3 and "DEVICE_FORMAT" in done.stdout, done


journey.run([a_scanner_is_tested_recorded_and_replayed, a_scale_is_tested_recorded_and_replayed,
             a_display_shows_a_text, a_printer_that_says_nothing_is_recorded_and_replayed,
             a_clip_is_read_as_by_a_camera, a_camera_that_is_none_is_named], journey.folder("cf-devices-at-"))
