#!/usr/bin/env python3
"""Checks a catalogue of models against the web: every file exists, with the size and SHA-256 written.

    tools/catalogue/check_urls.py [--catalogue FILE] [--only WORD]

Asks the hub's API for repositories (HF_ENDPOINT and HF_TOKEN are respected) and sends HEAD for other
URLs; downloads nothing. Prints a line per model; the exit code is 1 if anything is wrong. Wheels are
checked by pip itself when they are pulled.
"""
import argparse
import json
import os
import pathlib
import sys
import urllib.error
import urllib.parse
import urllib.request

DEFAULT = pathlib.Path(__file__).parents[2] / "src/models/catalogue.json"
ENDPOINT = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
TIMEOUT_SECONDS = 30
LINKED = ("X-Linked-Size", "X-Linked-ETag")


class KeepLinkedHeaders(urllib.request.HTTPRedirectHandler):
    """The hub sends size and digest of a file with its redirect, before the storage answers."""

    def redirect_request(self, request, reply, code, message, headers, url):
        following = super().redirect_request(request, reply, code, message, headers, url)
        if following is None:
            return None
        following.method = request.get_method()
        linked = {name: headers[name] for name in LINKED if headers.get(name)}
        following.linked = {**getattr(request, "linked", {}), **linked}
        if urllib.parse.urlsplit(url).netloc != urllib.parse.urlsplit(request.full_url).netloc:
            following.remove_header("Authorization")
        return following


class Linked(urllib.request.BaseHandler):
    handler_order = 900

    def http_response(self, request, response):
        response.linked = getattr(request, "linked", {})
        return response

    https_response = http_response


OPENER = urllib.request.build_opener(KeepLinkedHeaders, Linked)


def ask(url, method="GET"):
    request = urllib.request.Request(url, method=method)
    token = os.environ.get("HF_TOKEN")
    if token and url.startswith(ENDPOINT):
        request.add_header("Authorization", f"Bearer {token}")
    return OPENER.open(request, timeout=TIMEOUT_SECONDS)


def differences(size, digest, wanted):
    if wanted.get("bytes") and size is not None and size != wanted["bytes"]:
        yield f"has {size} bytes, not {wanted['bytes']}"
    if wanted.get("sha256") and digest and digest != wanted["sha256"]:
        yield f"has SHA-256 {digest}, not {wanted['sha256']}"


def check_file(wanted):
    with ask(wanted["url"], "HEAD") as reply:
        linked = reply.linked
        length = linked.get("X-Linked-Size") or reply.headers.get("Content-Length")
        tag = (linked.get("X-Linked-ETag") or reply.headers.get("ETag") or "").strip('W/"')
        if reply.headers.get_content_type() == "text/html":
            yield "is a web page"
    digest = tag if len(tag) == 64 else None
    yield from differences(int(length) if length else None, digest, wanted)


def check_repository(model, source):
    repository = urllib.parse.quote(source["repo"])
    revision = urllib.parse.quote(source.get("revision", "main"), safe="")
    with ask(f"{ENDPOINT}/api/models/{repository}/revision/{revision}?blobs=true") as reply:
        listing = json.load(reply)
    if bool(listing.get("gated")) != model.get("gated", False):
        yield f"gated is {listing.get('gated')} on the hub"
    select = source.get("select", "").lower()
    files = [
        file for file in listing["siblings"]
        if not select or select in file["rfilename"].lower()
    ]
    if not files:
        yield f"{source['repo']} holds nothing like {source['select']}"
    elif len(files) == 1:
        digest = (files[0].get("lfs") or {}).get("sha256")
        yield from differences(files[0].get("size"), digest, model)


def faults(model):
    source = model["source"]
    try:
        if model.get("homepage"):
            ask(model["homepage"], "HEAD").close()
        if source["kind"] == "hf":
            yield from check_repository(model, source)
        elif source["kind"] == "https":
            for file in source["files"]:
                for fault in check_file(file):
                    yield f"{file['url']} {fault}"
        elif source["kind"] == "page":
            ask(source["url"], "HEAD").close()
    except urllib.error.HTTPError as error:
        # Gated repositories answer 401 or 403 to strangers.
        if not (model.get("gated") and error.code in (401, 403)):
            yield f"{error.url}: HTTP {error.code}"
    except (OSError, ValueError, KeyError) as error:
        yield f"{type(error).__name__}: {error}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--catalogue", type=pathlib.Path, default=DEFAULT)
    parser.add_argument("--only", default="", help="only models whose name holds this")
    arguments = parser.parse_args()
    wrong = 0
    for model in json.loads(arguments.catalogue.read_text())["models"]:
        if arguments.only not in model["name"]:
            continue
        found = list(faults(model))
        wrong += bool(found)
        print(f"{'WRONG' if found else 'ok   '} {model['name']}", flush=True)
        for fault in found:
            print(f"      {fault}", flush=True)
    print(f"{wrong} models are wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
