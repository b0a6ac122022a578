/** "prompt of 512 tokens" → "Prompt of 512 tokens" */
export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
