/* What the log and the files that name its beginning make of a database. */
import type { DatabaseFindings } from './findings.ts';
import type { LogControl } from './log.ts';
import type { LogState } from './log-state.ts';
import {
  controlDamaged,
  controlMissing,
  controlsDamaged,
  logLeftOver,
  logLiesElsewhere,
  logSaidElsewhere,
  logUnusable,
  mirrorDamaged,
  mirrorDiffers,
  mirrorMissing,
  notClosed,
} from './problem-texts.ts';
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
    const message = logSaidElsewhere(logDevice);
    report('damaged', 'service-properties', 'service.properties', message);
  }
  if (control === null) {
    const message = logDevice === null ? controlMissing : logLiesElsewhere(logDevice);
    report('damaged', 'missing-file', file, message);
    return mirror === 'bad' ? null : mirror;
  }
  if (control === 'bad') {
    if (mirror === null || mirror === 'bad') {
      report('damaged', 'log-control', file, controlsDamaged);
      return null;
    }
    report('note', 'log-control', file, controlDamaged);
    return mirror;
  }
  if (mirror === null) {
    report('note', 'missing-file', mirrorFile, mirrorMissing);
  } else if (mirror === 'bad') {
    report('note', 'log-control', mirrorFile, mirrorDamaged);
  } else if (
    mirror.checkpoint.file !== control.checkpoint.file ||
    mirror.checkpoint.position !== control.checkpoint.position
  ) {
    report('needs-recovery', 'log-control', mirrorFile, mirrorDiffers);
  }
  return control;
}

export function reportLog(log: LogState, findings: DatabaseFindings, report: Report): void {
  if (log.state === 'broken') {
    const kind = findings.logFiles.has(Number(/\d+/.exec(log.file)?.[0])) ? 'log' : 'missing-file';
    report('damaged', kind, `log/${log.file}`, logUnusable(log.reason));
  } else if (log.state === 'needs-recovery') {
    report('needs-recovery', 'not-closed', `log/${log.file}`, notClosed(log.reason));
  }
  for (const file of log.leftOver) report('note', 'log', `log/${file}`, logLeftOver);
}
