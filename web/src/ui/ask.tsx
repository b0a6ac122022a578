// Questions to the user from anywhere: `await confirm({…})`, `await askText({…})`.
import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { TextField } from "./field";

interface Question {
  title: string;
  text?: string;
  action: string; // what the button that goes on says
  danger?: boolean;
  /** With it a text is asked for. */
  field?: { label: string; value: string; secret?: boolean };
  answer(value: string | undefined): void;
}

const questions = signal<Question[]>([]);

function pose(question: Omit<Question, "answer">): Promise<string | undefined> {
  return new Promise((resolve) => {
    const posed: Question = {
      ...question,
      answer: (value) => {
        questions.value = questions.value.filter((one) => one !== posed);
        resolve(value);
      },
    };
    questions.value = [...questions.value, posed];
  });
}

export async function confirm(question: { title: string; text?: string; action: string; danger?: boolean }): Promise<boolean> {
  return (await pose(question)) !== undefined;
}

/** undefined: cancelled */
export function askText(question: {
  title: string;
  text?: string;
  action: string;
  field: NonNullable<Question["field"]>;
}): Promise<string | undefined> {
  return pose(question);
}

export function DialogHost() {
  const question = questions.value.at(-1);
  return question ? <QuestionDialog key={questions.value.length} question={question} /> : null;
}

function QuestionDialog({ question }: { question: Question }) {
  const [value, setValue] = useState(question.field?.value ?? "");
  const done = () => question.answer(question.field ? value : "");
  return (
    <Dialog
      title={question.title}
      size="small"
      onClose={() => question.answer(undefined)}
      actions={
        <>
          <Button kind="quiet" onClick={() => question.answer(undefined)}>
            Cancel
          </Button>
          <Button kind={question.danger ? "danger" : "primary"} onClick={done}>
            {question.action}
          </Button>
        </>
      }
    >
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          done();
        }}
      >
        {question.text && <p>{question.text}</p>}
        {question.field && (
          <TextField label={question.field.label} value={value} onInput={setValue} secret={question.field.secret} autofocus />
        )}
      </form>
    </Dialog>
  );
}
