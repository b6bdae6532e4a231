// Loaded with `node --import`: writes the process's peak memory (VmHWM, in KB) to the file that MEMORY_REPORT names.
// The kernel's figure for a child's maximum would count what its parent had before it became node.
import { readFileSync, writeFileSync } from 'node:fs';

process.on('exit', () => {
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  writeFileSync(process.env.MEMORY_REPORT ?? '/dev/null', peak ?? '');
});
