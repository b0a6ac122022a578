"""A server of the program under test, on a free port, in a home of its own."""
import json
import os
import signal
import subprocess
import urllib.request


class Server:
    def __init__(self, program, home):
        self.program = program
        self.home = home
        self.start()

    def start(self):
        environment = dict(os.environ, TENFOLD_HOME=self.home)
        self.process = subprocess.Popen([self.program, "serve", "--port", "0", "--model", "tiny"], env=environment,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.address = self.process.stdout.readline().split()[-1]

    def end(self, how=signal.SIGKILL):
        self.process.send_signal(how)
        self.process.wait()
        self.process.stdout.close()

    def open(self, method, path, content=None):
        data = None if content is None else json.dumps(content).encode()
        return urllib.request.urlopen(urllib.request.Request(self.address + path, data, method=method), timeout=60)

    def ask(self, method, path, content=None):
        with self.open(method, path, content) as reply:
            return json.load(reply)
