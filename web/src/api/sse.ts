// Server-sent events, as the HTML standard words their format.
export interface ServerEvent {
  event: string; // "message" where the server names none
  data: string;
  id: string; // the last one that came; "" where none did
}

/** Takes the text as it comes, in pieces of any size, and returns the events that are complete. */
export class SseParser {
  private rest = "";
  private event = "";
  private data: string[] = [];
  private id = "";

  push(text: string): ServerEvent[] {
    const done: ServerEvent[] = [];
    this.rest += text;
    for (;;) {
      const end = /\r\n|\n|\r(?!$)/.exec(this.rest);
      if (!end) return done;
      const line = this.rest.slice(0, end.index);
      this.rest = this.rest.slice(end.index + end[0].length);
      if (line === "") this.finish(done);
      else this.take(line);
    }
  }

  private take(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return; // a comment
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.event = value;
    else if (name === "data") this.data.push(value);
    else if (name === "id") this.id = value;
  }

  private finish(done: ServerEvent[]): void {
    if (this.data.length > 0) {
      done.push({ event: this.event || "message", data: this.data.join("\n"), id: this.id });
    }
    this.event = "";
    this.data = [];
  }
}
