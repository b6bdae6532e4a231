/** Where long work reports to; a terminal draws it, everything else ignores it. */
export interface Progress {
  /** A phase begins; `totalBytes` null when its length is not known. */
  begin(phase: string, totalBytes: number | null): void;
  /** Further bytes done; negative when some must be sent again. */
  advance(bytes: number): void;
}

/** Something the user should know that did not stop the work; part of every JSON document. */
export interface Warning {
  readonly code: string;
  readonly message: string;
}
