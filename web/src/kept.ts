// What this browser remembers between visits. A browser that forbids it only forgets.
export const kept = {
  read<T>(name: string, otherwise: T): T {
    try {
      const text = localStorage.getItem(`tenfold.${name}`);
      return text === null ? otherwise : (JSON.parse(text) as T);
    } catch {
      return otherwise;
    }
  },
  write(name: string, value: unknown): void {
    try {
      if (value === undefined) localStorage.removeItem(`tenfold.${name}`);
      else localStorage.setItem(`tenfold.${name}`, JSON.stringify(value));
    } catch {
      // full or forbidden: the server holds what matters
    }
  },
};
