// What a component asks of the server when it appears, and again when the server came back.
import { useCallback, useEffect, useState } from "preact/hooks";
import { connected } from "../api/connection";

export interface Resource<T> {
  /** undefined until it came; what was there stays while it is asked for again. */
  data: T | undefined;
  error: unknown;
  reload(): Promise<void>;
  set(data: T): void;
}

export function useResource<T>(load: () => Promise<T>, deps: unknown[]): Resource<T> {
  const [data, set] = useState<T>();
  const [error, setError] = useState<unknown>();
  const reload = useCallback(async () => {
    try {
      set(await load());
      setError(undefined);
    } catch (problem) {
      setError(problem);
    }
  }, deps);
  const here = connected.value;
  useEffect(() => {
    if (here) void reload();
  }, [reload, here]);
  return { data, error, reload, set };
}
