#!/usr/bin/env python3
"""Serves a lab's packages over http on one address, laid out as pkgs.k8s.io does it.

The entry address only redirects, to where the files are. What is not there is answered 403, as the store behind the real
one does, and not 404: a client that asks whether a minor exists yet has to take that for a no.
"""

import argparse
import functools
import http.server
import pathlib
import sys

ENTRY = "/core:/stable:/"
FILES = "/repositories/isv:/kubernetes:/core:/stable:/"


class Repository(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(super().do_GET)

    def do_HEAD(self):
        self.answer(super().do_HEAD)

    def answer(self, serve):
        if self.path.startswith(ENTRY):
            self.send_response(302)
            self.send_header("Location", FILES + self.path[len(ENTRY):])
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif not pathlib.Path(self.translate_path(self.path)).is_file():
            self.send_error(403)
        else:
            serve()

    def log_message(self, format, *args):
        print(self.log_date_time_string(), self.client_address[0], format % args, file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", required=True)
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one")
    parser.add_argument("--files", required=True, help="the directory to serve")
    parser.add_argument("--port-file", required=True, help="written with the port once requests are answered")
    options = parser.parse_args()

    handler = functools.partial(Repository, directory=options.files)
    server = http.server.ThreadingHTTPServer((options.address, options.port), handler)
    port_file = pathlib.Path(options.port_file)
    unfinished = port_file.with_suffix(".new")
    unfinished.write_text(f"{server.server_port}\n")
    unfinished.rename(port_file)
    server.serve_forever()


if __name__ == "__main__":
    main()
