// Requests to the server. Every failure is an ApiError: a sentence and the next step.
import { signal } from "@preact/signals";
import { kept } from "../kept";
import { heard, unheard } from "./connection";

export class ApiError extends Error {
  constructor(
    message: string,
    readonly hint = "",
    readonly status = 0, // 0: no answer came
    readonly code = "",
  ) {
    super(message);
  }
}

/** The server did not answer; it may come back. */
export function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.status === 0 && error.code === "gone";
}

/** The server asked for a key that this browser does not have. */
export const keyWanted = signal(false);

export function apiKey(): string {
  return kept.read("key", "");
}

export function setApiKey(key: string): void {
  kept.write("key", key === "" ? undefined : key);
}

export interface Ask {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  query?: Record<string, string | number | boolean | undefined>;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

export function url(path: string, query: Ask["query"] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === "" ? path : `${path}?${text}`;
}

/** The raw reply of a request that succeeded. */
export async function send(path: string, ask: Ask = {}): Promise<Response> {
  const headers: Record<string, string> = { ...ask.headers };
  const key = apiKey();
  if (key !== "") headers.authorization = `Bearer ${key}`;
  if (ask.body !== undefined) headers["content-type"] = "application/json";
  let reply: Response;
  try {
    reply = await fetch(url(path, ask.query), {
      method: ask.method ?? (ask.body === undefined ? "GET" : "POST"),
      headers,
      ...(ask.body === undefined ? {} : { body: JSON.stringify(ask.body) }),
      ...(ask.signal ? { signal: ask.signal } : {}),
      cache: "no-store",
      redirect: "error",
    });
  } catch (error) {
    if (ask.signal?.aborted) throw error;
    unheard();
    throw new ApiError(
      "Tenfold does not answer.",
      "Is it still running? Start it with: tenfold serve. This page comes back by itself.",
      0,
      "gone",
    );
  }
  heard();
  if (reply.status === 401) keyWanted.value = true;
  if (!reply.ok) throw await errorOf(reply);
  return reply;
}

/** The JSON of a reply; undefined for one without a body. */
export async function ask<T>(path: string, options: Ask = {}): Promise<T> {
  const reply = await send(path, options);
  const text = await reply.text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

async function errorOf(reply: Response): Promise<ApiError> {
  const text = await reply.text().catch(() => "");
  try {
    const { error } = JSON.parse(text) as { error: { message: string; hint?: string; code?: string } };
    if (typeof error.message === "string") {
      return new ApiError(sentence(error.message), sentence(error.hint ?? ""), reply.status, error.code ?? "");
    }
  } catch {
    // not from our server: worded below
  }
  return new ApiError(
    `The server answered with status ${reply.status}.`,
    "Reload the page; if it stays, look at what tenfold serve printed.",
    reply.status,
  );
}

/** "no such model" → "No such model." */
export function sentence(text: string): string {
  if (text === "") return "";
  const first = text[0]!.toUpperCase() + text.slice(1);
  return /[.!?…:)]$/.test(first) ? first : `${first}.`;
}

/** Any thrown thing as a message and a hint. */
export function worded(error: unknown): { message: string; hint: string } {
  if (error instanceof ApiError) return { message: error.message, hint: error.hint };
  const text = error instanceof Error ? error.message : String(error);
  return { message: sentence(text), hint: "Reload the page; your conversations are kept by the server." };
}
