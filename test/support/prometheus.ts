export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const name = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const label = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\n"])*"';

/**
 * Reads the text exposition format 0.0.4 as the collectors of text files do, and is stricter: each metric has one HELP and one TYPE
 * line before its samples, which stand together, once each, without times; names end in their units.
 */
export function readMetrics(text: string): Map<string, Sample[]> {
  if (!text.endsWith('\n') || text.includes('\r')) throw new Error('lines end with LF, the last one, too');
  const metrics = new Map<string, Sample[]>();
  const seen = new Set<string>();
  let current = '';
  let step: 'help' | 'type' | 'samples' = 'samples';
  for (const line of text.slice(0, -1).split('\n')) {
    const [, helped, help] = new RegExp(`^# HELP (${name}) (.+)$`).exec(line) ?? [];
    const [, typed, type] = new RegExp(`^# TYPE (${name}) (gauge|counter)$`).exec(line) ?? [];
    if (helped !== undefined) {
      if (metrics.has(helped) || !help || step !== 'samples') throw new Error(`HELP out of place: ${line}`);
      metrics.set(helped, []);
      [current, step] = [helped, 'help'];
    } else if (typed !== undefined) {
      if (typed !== current || step !== 'help') throw new Error(`TYPE out of place: ${line}`);
      if (type === 'counter' && !typed.endsWith('_total'))
        throw new Error(`a counter is named _total: ${line}`);
      if (/time|date/.test(typed) && !typed.endsWith('_timestamp_seconds'))
        throw new Error(`no unit: ${line}`);
      step = 'type';
    } else {
      const [, of, labels = '', value = ''] =
        new RegExp(`^(${name})\\{((?:${label}(?:,${label})*)?)\\} (-?[0-9]+(?:\\.[0-9]+)?)$`).exec(line) ??
        [];
      if (of === undefined || of !== current || step === 'help') throw new Error(`no sample: ${line}`);
      const key = line.slice(0, line.lastIndexOf(' '));
      if (seen.has(key)) throw new Error(`twice: ${line}`);
      seen.add(key);
      step = 'samples';
      const pairs = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)].map(
        ([, one = '', of1 = '']) => [one, of1.replace(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c))],
      );
      metrics.get(of)?.push({ labels: Object.fromEntries(pairs), value: Number(value) });
    }
  }
  if (step !== 'samples') throw new Error('the last metric has no sample');
  return metrics;
}
