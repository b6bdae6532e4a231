/** A program for atomic-file.test.ts: replaces a file with ever new contents until it is killed. */
import { writeFileAtomic } from '../../src/base/atomic-file.ts';

const [, , path = '', first] = process.argv;
for (let number = Number(first); ; number++) {
  await writeFileAtomic(path, `${number} `.repeat(5000));
  if (number === Number(first)) process.stdout.write('begun\n');
}
