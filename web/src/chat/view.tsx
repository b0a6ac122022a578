// The chat: the list of conversations, the open one, and the windows over it.
import { useEffect, useState } from "preact/hooks";
import { libraryError, models, refreshLibrary } from "../api/library";
import { worded } from "../api/client";
import { go } from "../router";
import { Button, IconButton } from "../ui/button";
import { EmptyNote, ErrorNote } from "../ui/notes";
import { Composer } from "./composer";
import { current } from "./current";
import { DeletedWindow } from "./deleted_window";
import { MannerWindow } from "./manner_window";
import { ModelPicker } from "./model_picker";
import type { OpenChat } from "./open_chat";
import { ParityWindow } from "./parity_window";
import { Sidebar } from "./sidebar";
import { Thread } from "./thread";
import { FirstRun, Welcome } from "./welcome";
import { closeWindow, openWindow, shownWindow } from "./windows";
import { XrayWindow } from "./xray_window";
import "./view.css";
import "./windows.css";

export function ChatView(_: { path: string[] }) {
  const [drawer, setDrawer] = useState(false);
  const chat = current.value;
  const close = () => setDrawer(false);
  const title = chat?.info.value?.title;
  useEffect(() => {
    document.title = `${title || "Chat"} · Tenfold`;
  }, [title]);
  useEffect(() => {
    void refreshLibrary();
    return closeWindow;
  }, []);
  useEffect(() => {
    if (!drawer) return;
    const keys = (event: KeyboardEvent) => event.key === "Escape" && close();
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  }, [drawer]);
  return (
    <div class={`chat ${drawer ? "drawer-open" : ""}`}>
      <aside class="chat-side" aria-label="Conversations">
        <Sidebar onPick={close} />
      </aside>
      <div class="chat-veil" aria-hidden="true" onClick={close} />
      <div class="chat-main">
        <header class="chat-head">
          <IconButton class="drawer-button" icon="menu" label="Conversations" aria-expanded={drawer} onClick={() => setDrawer(!drawer)} />
          {models.value?.length !== 0 && <ModelPicker />}
          <span class="grow" />
          <IconButton icon="sliders" label="Settings of this chat" onClick={() => openWindow({ kind: "manner" })} />
        </header>
        <Body chat={chat} />
      </div>
      <Windows chat={chat} />
    </div>
  );
}

function Body({ chat }: { chat: OpenChat | undefined }) {
  if (chat?.deleted.value) {
    return (
      <EmptyNote icon="trash" title="This conversation was deleted">
        <Button onClick={() => go("chat")}>New chat</Button>
      </EmptyNote>
    );
  }
  if (chat?.error.value) return <Missing error={chat.error.value} />;
  if (libraryError.value && !models.value) return <ErrorNote error={libraryError.value} onRetry={() => void refreshLibrary()} />;
  if (!models.value || (chat && !chat.info.value)) return <div class="grow" />;
  if (models.value.length === 0 && !chat) return <FirstRun />;
  return (
    <>
      {chat && chat.branch.value.length > 0 ? <Thread key={chat.id} chat={chat} /> : <Welcome />}
      <Composer key={chat?.id ?? 0} />
    </>
  );
}

function Missing({ error }: { error: unknown }) {
  const { message, hint } = worded(error);
  return (
    <EmptyNote icon="alert" title={message}>
      <p>{hint}</p>
      <Button onClick={() => go("chat")}>New chat</Button>
    </EmptyNote>
  );
}

function Windows({ chat }: { chat: OpenChat | undefined }) {
  const shown = shownWindow.value;
  if (!shown) return null;
  if (shown.kind === "deleted") return <DeletedWindow />;
  if (shown.kind === "manner") return <MannerWindow />;
  if (!chat) return null;
  if (shown.kind === "parity") return <ParityWindow chat={chat} message={shown.message} />;
  return <XrayWindow {...shown} />;
}
