/* What the log and the files that name its beginning make of a database. */
import type { DatabaseFindings } from './findings.ts';
import type { LogControl } from './log.ts';
import type { LogState } from './log-state.ts';
import type { Report } from './problems.ts';

/**
 * The control file Derby would use: log.ctrl, or its mirror when log.ctrl is there but damaged. It writes both anew at
 * the next checkpoint, so one bad file of the two harms nobody; without log.ctrl it would ignore the log.
 */
export function judgeControl(
  { control, mirror }: DatabaseFindings,
  logDevice: string | null,
  report: Report,
): LogControl | null {
  const file = 'log/log.ctrl';
  const mirrorFile = 'log/logmirror.ctrl';
  if (control !== null && logDevice !== null) {
    const message = `service.properties says that the log lies in another folder (${logDevice}); Derby would not use the one that is here.`;
    report('damaged', 'service-properties', 'service.properties', message);
  }
  if (control === null) {
    const message =
      logDevice === null
        ? 'The file that says where the log begins is missing.'
        : `The log lies in another folder (${logDevice}, as service.properties says) and is not part of this folder.`;
    report('damaged', 'missing-file', file, message);
    return mirror === 'bad' ? null : mirror;
  }
  if (control === 'bad') {
    if (mirror === null || mirror === 'bad') {
      report(
        'damaged',
        'log-control',
        file,
        'The file that says where the log begins is damaged, and so is its copy.',
      );
      return null;
    }
    report(
      'note',
      'log-control',
      file,
      'The file that says where the log begins is damaged; its copy is good and will be used.',
    );
    return mirror;
  }
  if (mirror === null) {
    report('note', 'missing-file', mirrorFile, 'The copy of log.ctrl is missing; it will be made anew.');
  } else if (mirror === 'bad') {
    report('note', 'log-control', mirrorFile, 'The copy of log.ctrl is damaged; it will be made anew.');
  } else if (
    mirror.checkpoint.file !== control.checkpoint.file ||
    mirror.checkpoint.position !== control.checkpoint.position
  ) {
    report('needs-recovery', 'log-control', mirrorFile, 'log.ctrl and its copy are of different times.');
  }
  return control;
}

export function reportLog(log: LogState, findings: DatabaseFindings, report: Report): void {
  if (log.state === 'broken') {
    const kind = findings.logFiles.has(Number(/\d+/.exec(log.file)?.[0])) ? 'log' : 'missing-file';
    report('damaged', kind, `log/${log.file}`, `The database's log cannot be used: ${log.reason}.`);
  } else if (log.state === 'needs-recovery') {
    report(
      'needs-recovery',
      'not-closed',
      `log/${log.file}`,
      `The database was not closed (${log.reason}); Derby has to repair it from its log at the next start.`,
    );
  }
  for (const file of log.leftOver)
    report(
      'note',
      'log',
      `log/${file}`,
      'A log file of another time lies behind the end of the log; it is not used.',
    );
}
