"""A link of a stated rate and latency between a store and the centre, on loopback.

In place of the kernel's netem, which not every kernel has: a relay that lets each byte leave when the link is free and
arrive a delay later, each way by itself, with a bounded queue in front as a modem has. It counts what it carried, and can
break once, at a chosen byte.
"""
import collections
import socket
import threading
import time

PIECE = 1400  # what one packet carries
QUEUE_BYTES = 64 * 1024


class Direction:
    """One way of the link, shared by all its connections."""

    def __init__(self, bits_per_s, delay_s):
        self.bits_per_s, self.delay_s = bits_per_s, delay_s
        self.lock = threading.Lock()
        self.free_at = 0.0
        self.carried = 0

    def leave(self, size):
        """Takes the link for one packet; gives when it has left."""
        with self.lock:
            self.free_at = max(self.free_at, time.monotonic()) + size * 8 / self.bits_per_s
            self.carried += size
            return self.free_at


class SlowLink:
    def __init__(self, ports, bits_per_s, round_trip_s):
        self.up = Direction(bits_per_s, round_trip_s / 2)
        self.down = Direction(bits_per_s, round_trip_s / 2)
        self.cut_at = None  # of `down`: the byte after which every connection breaks, once
        self.cuts = 0
        self.open = set()
        self.listeners = []
        for port in ports:
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
            listener.listen(16)
            self.listeners.append(listener)
            threading.Thread(target=self.accept, args=(listener, port), daemon=True).start()

    def accept(self, listener, port):
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.3", port))
            except OSError:
                near.close()
                continue
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.open |= {near, far}
            for source, sink, way in ((near, far, self.up), (far, near, self.down)):
                threading.Thread(target=self.pump, args=(source, sink, way), daemon=True).start()

    def pump(self, source, sink, way):
        queue = collections.deque()
        ready = threading.Condition()
        threading.Thread(target=self.deliver, args=(queue, ready, sink), daemon=True).start()
        try:
            while data := source.recv(PIECE):
                left = way.leave(len(data))
                with ready:
                    queue.append((left + way.delay_s, data))
                    ready.notify_all()
                if way is self.down and self.cut_at is not None and way.carried >= self.cut_at:
                    self.cut_at = None
                    self.break_all()
                waiting = left - time.monotonic() - QUEUE_BYTES * 8 / way.bits_per_s
                if waiting > 0:  # the queue is full: the sender's TCP waits
                    time.sleep(waiting)
        except OSError:
            pass
        with ready:
            queue.append((0, b""))
            ready.notify_all()

    @staticmethod
    def deliver(queue, ready, sink):
        while True:
            with ready:
                while not queue:
                    ready.wait()
                at, data = queue.popleft()
            if not data:
                break
            if (wait := at - time.monotonic()) > 0:
                time.sleep(wait)
            try:
                sink.sendall(data)
            except OSError:
                break
        try:
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def break_all(self):
        self.cuts += 1
        for end in list(self.open):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.open.clear()

    def cut(self):
        """For World.close: the link is gone for good."""
        for listener in self.listeners:
            try:
                listener.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            listener.close()
        self.break_all()
