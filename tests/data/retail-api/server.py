#!/usr/bin/python3
"""A server of one test that replays pages of the Azure Retail Prices API.

    server.py FOLDER SCENARIO

Prints its URL on the first line of FOLDER/url once it listens, and writes one
line for each request to FOLDER/requests. SCENARIO is a JSON file: a list of
answers, given one after the other; the last one is repeated. An answer has

    file       the page: one of this folder, or a path
    link       NextPageLink: "next" (the next request), null, or text, in which
               {url} is our own and {n} the number of the request
    currency, service, region   change the page's
    status     another status than 200, and headers for it
    cut        so many bytes less than Content-Length says, or with "length": false
               simply so many bytes less
    wait       the name of a file below FOLDER that must be there first
"""

import http.server
import json
import os
import socket
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def body(self, answer, n):
        path = os.path.join(HERE, answer["file"])
        with open(path, encoding="utf-8") as file:
            page = json.load(file)
        if "items" in answer:
            page["Items"] = answer["items"]
        for item in page["Items"]:
            item.update(answer.get("set", {}))
        page["Count"] = len(page["Items"]) + answer.get("miscount", 0)
        page["BillingCurrency"] = answer.get("currency", page["BillingCurrency"])
        link = answer.get("link")
        if link == "next":
            link = "{url}?$skip={n}000"
        if link is not None:
            link = link.replace("{url}", self.server.url).replace("{n}", str(n))
        page["NextPageLink"] = link
        return json.dumps(page).encode()

    def do_GET(self):
        server = self.server
        server.count += 1
        n = server.count
        with open(os.path.join(server.folder, "requests"), "a", encoding="utf-8") as file:
            file.write(self.path + "\n")
        answer = server.answers[min(n, len(server.answers)) - 1]
        while "wait" in answer and not os.path.exists(os.path.join(server.folder, answer["wait"])):
            time.sleep(0.02)
        body = self.body(answer, n) if "file" in answer else answer.get("text", "").encode()
        self.send_response(answer.get("status", 200))
        for name, value in answer.get("headers", {}).items():
            self.send_header(name, value)
        cut = answer.get("cut", 0)
        sent = body[: len(body) - cut]
        self.send_header("Content-Length", str(len(body if answer.get("length", True) else sent)))
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(sent)
        if cut:
            self.close_connection = True


def main():
    folder, scenario = sys.argv[1:]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.folder = folder
    server.count = 0
    with open(scenario, encoding="utf-8") as file:
        server.answers = json.load(file)
    server.url = "http://127.0.0.1:%d/api/retail/prices" % server.server_address[1]
    with open(os.path.join(folder, "url.new"), "w", encoding="utf-8") as file:
        file.write(server.url + "\n")
    os.rename(os.path.join(folder, "url.new"), os.path.join(folder, "url"))
    server.serve_forever()


if __name__ == "__main__":
    main()
