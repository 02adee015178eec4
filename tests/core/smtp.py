"""A small real SMTP server in a thread, that can be told to behave badly."""

import socketserver
import threading
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Self


@dataclass
class Received:
    sender: str
    recipients: list[str]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=default)


class _Session(socketserver.StreamRequestHandler):
    server: "Sink"

    def handle(self) -> None:
        self._say("220 sink")
        sender, recipients = "", list[str]()
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            self.server.commands.append(line)
            command = line.split(":")[0].split(" ")[0].upper()
            if command == "QUIT":
                self._say(self.server.goodbye)
                return
            if command == "MAIL":
                sender, recipients = line.split("<")[1].split(">")[0], []
                self._say("250 ok")
            elif command == "RCPT":
                recipients.append(line.split("<")[1].split(">")[0])
                refused = recipients[-1] in self.server.refused
                self._say("550 no such person" if refused else "250 ok")
            elif command == "DATA":
                if not self._take(sender, recipients):
                    return
            else:
                self._say("250 ok")

    def _take(self, sender: str, recipients: list[str]) -> bool:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        if self.server.hang_up:
            return False
        self.server.received.append(Received(sender, recipients, b"".join(lines)))
        self._say("250 taken")
        return True

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class Sink(socketserver.ThreadingTCPServer):
    """`with Sink() as sink:` listens on a free port; `sink.url` is a MAIL_URL."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.received: list[Received] = []
        self.commands: list[str] = []
        self.refused: set[str] = set()
        self.hang_up = False
        self.goodbye = "221 bye"

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
