import { openFolderStore } from '../../src/store/folder.ts';
import { bytesBody } from '../../src/store/small-object.ts';

/** Run as a process of its own, under limits: puts a megabyte and says what became of it. */
const [, , root = ''] = process.argv;
const outcome = await openFolderStore({ root, url: root })
  .put('d/k', bytesBody(Buffer.alloc(1 << 20)))
  .then(
    () => 'stored',
    (error) => error.code,
  );
process.stdout.write(String(outcome));
