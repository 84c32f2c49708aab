/** Skeleton. */
import type { ResultRow } from '../api/v1alpha1.ts';

export interface TableOptions {
  /** Columns of the terminal, 80..160. */
  width: number;
  colour: boolean;
  title: string;
  /** `emulated` puts a warning on top. */
  environment?: string;
}

export function resultTable(rows: ResultRow[], options: TableOptions): string {
  return `${options.title}\n${rows.length}`;
}

export function formatQuantity(value: number, unit: string): string {
  return `${value} ${unit}`;
}
