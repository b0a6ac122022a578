import { describe, expect, it } from "vitest";
import type { MachineStatus, ModelStatus } from "../api/shapes";
import { ago, battery, meanings, stateText, temperature } from "./explain";

const model = { state: "ready", load_progress: 1, running: 0, waiting: 0, expires_seconds: null } as ModelStatus;
const machine = { temperature_celsius: null, temperature_reason: "no sensor", battery: null, battery_reason: "no battery" } as MachineStatus;

it("says what a model does", () => {
  expect(stateText(model)).toBe("Idle, stays");
  expect(stateText({ ...model, expires_seconds: 90 })).toBe("Idle, unloads in 1 min 30 s");
  expect(stateText({ ...model, running: 2 })).toBe("Answers 2 requests");
  expect(stateText({ ...model, state: "loading", load_progress: 0.42 })).toBe("Loading, 42%");
});

it("says why a reading is absent", () => {
  expect(temperature(machine)).toEqual({ text: "Not known", note: "No sensor." });
  expect(battery(machine)).toEqual({ text: "None", note: "No battery." });
});

it("warns of heat and of a battery that drains", () => {
  expect(temperature({ ...machine, temperature_celsius: 91.6 })).toMatchObject({ text: "92 °C", note: expect.stringContaining("slow down") });
  expect(battery({ ...machine, battery: { percent: 41, charging: false } }).note).toContain("plug the machine in");
});

describe("ago", () => {
  it("is precise for what is near", () => {
    expect([ago(100, 103), ago(100, 145), ago(100, 400)]).toEqual(["just now", "45 s ago", "5 min ago"]);
  });
  it("does not speak of the future", () => {
    expect(ago(200, 100)).toBe("just now");
  });
});

it("explains what a user may wonder about", () => {
  for (const kind of ["idle_unloaded", "evicted", "load_failed", "died", "throttled"] as const) expect(meanings[kind].why).not.toBe("");
});
