import type { Text } from './text.ts';
import type { WarningCode } from './warning-codes.ts';

/** Where long work reports to; a terminal draws it, everything else ignores it. */
export interface Progress {
  /** A phase begins; `totalBytes` null when its length is not known. */
  begin(phase: Text, totalBytes: number | null): void;
  /** Further bytes done; negative when some must be sent again. */
  advance(bytes: number): void;
}

/** Something the user should know that did not stop the work; part of every JSON document. */
export interface Warning {
  readonly code: WarningCode;
  readonly message: Text;
  /** What to do about it, where the message does not say. */
  readonly hint?: Text;
}

/** Something that is wrong, and what to do about it. */
export interface Finding extends Warning {
  readonly hint: Text;
}
