import { wallTime } from '../../base/local-time.ts';
import { monthName } from '../../base/written-date.ts';
import { dataReadme, programReadme } from './readme-texts.ts';

/** Names and words for people who will read them without this program. */

/** `Backup_Efaktur_08Juli2023` for the day `2023-07-08`. */
export const exportName = (day: string): string => `Backup_Efaktur_${nameOfDay(day)}`;

/** `Program_Efaktur_09Juli2023` for the day `2023-07-09`. */
export const exportedProgramName = (day: string): string => `Program_Efaktur_${nameOfDay(day)}`;

function nameOfDay(day: string): string {
  const [year = '', month = '', date = ''] = day.split('-');
  return `${date}${monthName(Number(month))}${year}`;
}

export interface ExportedFacts {
  readonly id: string;
  readonly capturedAt: Date;
  readonly zone: string;
  readonly databases: readonly string[];
  /** Of the newest database, such as `10.12`; null when it is not known. */
  readonly derbyVersion: string | null;
  readonly files: number;
  readonly bytes: number;
  readonly program: string;
}

/** How to restore by hand, in both languages; plain ASCII but for database names, lines as Notepad wants them. */
export const exportReadme = (facts: ExportedFacts): string =>
  dataReadme({ ...facts, when: momentOf(facts) }).join('\r\n');

export interface ExportedProgramFacts extends Omit<ExportedFacts, 'databases' | 'derbyVersion'> {
  /** Of the main program, such as `4.0.0.0`; null where it states none. */
  readonly version: string | null;
}

/** How to use a program folder without this program, in the same form. */
export const exportedProgramReadme = (facts: ExportedProgramFacts): string =>
  programReadme({ ...facts, when: momentOf(facts) }).join('\r\n');

function momentOf({ capturedAt, zone }: Pick<ExportedFacts, 'capturedAt' | 'zone'>): string {
  const { year, month, day, hour, minute } = wallTime(capturedAt, zone);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(day)} ${monthName(month)} ${year}, ${two(hour)}:${two(minute)} (${zone})`;
}
