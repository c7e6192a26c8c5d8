import type { Benchmark, BenchmarkRow } from "./benchmark.ts";
import { best, median } from "./statistics.ts";

const headings = ["figure", "best", "median", "unit", "goal", "ratio"] as const;

/**
 * Renders a benchmark's rows as a table, each note below its row. A ratio of 1 or more meets the goal, whichever way
 * is better; it is that of the median. A goal of the first step stands in parentheses, with its own ratio.
 */
export function renderTable(benchmark: Omit<Benchmark, "run">, rows: readonly BenchmarkRow[]): string {
  const { id, title, goal, firstStepGoal } = benchmark;
  const firstStep = firstStepGoal === undefined ? "" : ` (first step: ${firstStepGoal})`;
  const cells = rows.map(renderRow);
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `  ${row.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join("  ")}`.trimEnd();
  const lines = [`${id}  ${title}`, `  goal: ${goal}${firstStep}`, line(headings)];
  for (const [index, row] of rows.entries()) {
    lines.push(line(cells[index] ?? []));
    if (row.note !== undefined) lines.push(`      ${row.note}`);
  }
  return lines.join("\n");
}

function renderRow(row: BenchmarkRow): string[] {
  const middle = median(row.samples);
  const goals = [row.goal, row.firstStepGoal];
  const withFirstStep = (render: (goal: number) => string): string => {
    const [whole = "", firstStep = ""] = goals.map((goal) => (goal === undefined ? "" : render(goal)));
    return firstStep === "" ? whole : `${whole} (${firstStep})`.trim();
  };
  return [
    row.figure,
    renderNumber(best(row.samples, row.better)),
    renderNumber(middle),
    row.unit,
    withFirstStep(renderNumber),
    withFirstStep((goal) => `${ratio(middle, goal, row.better).toFixed(2)}x`),
  ];
}

function ratio(value: number, goal: number, better: BenchmarkRow["better"]): number {
  return better === "higher" ? value / goal : goal / value;
}

/** Three digits that count: `21,300`, `3.25`, `0.0125`. */
export function renderNumber(value: number): string {
  return new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 }).format(value);
}

/** The figure and the unit stand left, numbers right. */
function pad(cell: string, width: number, column: number): string {
  return column === 0 || column === 3 ? cell.padEnd(width) : cell.padStart(width);
}
