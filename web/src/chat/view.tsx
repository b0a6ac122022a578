import { EmptyNote } from "../ui/notes";

export function ChatView(_: { path: string[] }) {
  return <EmptyNote icon="chat" title="Chat" />;
}
