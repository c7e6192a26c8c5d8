import type { Clock } from "../base/clock.ts";

/** Tells a person at a terminal what is being done and how long each step took. */
export interface Progress {
  /**
   * Runs one step and prints its name, its time and what it says about itself (`in place`, `installed nftables`).
   * A step that throws is printed as failed; the error passes on.
   */
  step(name: string, run: (say: (detail: string) => void) => Promise<string | undefined>): Promise<void>;
  /** Prints a line of its own. */
  line(text: string): void;
}

/** Width of the column of step names. */
const nameWidth = 22;

/** Prints steps as lines: `✓ images                3.2 s  built hello:1.0`. Details of a running step overwrite its line on a terminal. */
export function createProgress(options: {
  readonly clock: Clock;
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
}): Progress {
  const { clock, write, isTerminal } = options;
  const render = (mark: string, name: string, fromMs: number, detail: string): string => {
    const seconds = ((clock.monotonicMs() - fromMs) / 1000).toFixed(1);
    return `${mark} ${name.padEnd(nameWidth)}${seconds.padStart(6)} s  ${detail}`.trimEnd();
  };
  const clear = isTerminal ? "\r\u001b[K" : "";
  return {
    async step(name, run) {
      const fromMs = clock.monotonicMs();
      const say = (detail: string): void => {
        if (isTerminal) write(`${clear}${render("·", name, fromMs, detail)}`);
      };
      say("");
      try {
        const detail = await run(say);
        write(`${clear}${render("✓", name, fromMs, detail ?? "")}\n`);
      } catch (error) {
        write(`${clear}${render("✗", name, fromMs, "failed")}\n`);
        throw error;
      }
    },
    line: (text) => write(`${clear}${text}\n`),
  };
}
