import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keysOf, type ListJson, makeWorld, type PushJson, treeOf } from '../support/cli.ts';

/** Disks that cannot be told to write through, and disks that cannot write. */

test.each(['ENOTSUP', 'EINVAL', 'ENOTTY', 'ENOSYS'])(
  'fsync that is not supported (%s) is passed over with a note',
  async (errno) => {
    const world = await makeWorld({ live: null });
    const trap = { call: 'handle.sync', at: 0, action: 'fail', errno } as const;
    const pushed = await world.runBuilt(['push', '--json'], { trap });
    expect(pushed.code, pushed.stderr).toBe(0);
    const { outcome, warnings } = JSON.parse(pushed.stdout) as PushJson;
    expect(outcome).toBe('created');
    expect(warnings.map(({ code }) => code)).toContain('not-synced');
    const pulled = await world.runBuilt(['pull', '--to', join(world.folder, 'to')], { trap });
    expect(pulled.code, pulled.stderr).toBe(0);
  },
);

test('fsync that fails (EIO), wherever it is: no backup is claimed that is not there', async () => {
  let isOver = false;
  for (let at = 1; !isOver; at++) {
    const world = await makeWorld({ live: null });
    const trap = { call: 'handle.sync', at, action: 'fail', errno: 'EIO' } as const;
    const pushed = await world.runBuilt(['push', '--json'], { trap });
    isOver = !pushed.stderr.includes('trap');
    expect([0, 6, 10], `${at}: ${pushed.stderr}`).toContain(pushed.code);
    if (isOver) expect(at).toBeGreaterThan(5);
    const { backups } = await world.json<ListJson>(['list']);
    if (pushed.code === 0) expect(backups).toHaveLength(1);
    for (const { id } of backups) {
      const to = join(world.folder, `to-${id}`);
      await world.json(['pull', '--id', id, '--to', to]);
      expect(Object.keys(await treeOf(join(to, 'db'))).length).toBeGreaterThan(5);
    }
    expect((await keysOf(world.store)).filter((key) => key.includes('.put-'))).toEqual([]);
  }
});
