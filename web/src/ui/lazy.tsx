// A component whose code is fetched when it is first shown.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ErrorNote } from "./notes";

export function lazy<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | undefined;
  return function Lazy(props: Props) {
    const [, redraw] = useState(0);
    const [error, setError] = useState<unknown>();
    useEffect(() => {
      if (loaded || error) return;
      load().then(
        (component) => {
          loaded = component;
          redraw(1);
        },
        () => setError(new Error("A part of the page could not be loaded")),
      );
    }, [error]);
    if (error) return <ErrorNote error={error} onRetry={() => location.reload()} />;
    const Component = loaded;
    return Component ? <Component {...props} /> : null;
  };
}
