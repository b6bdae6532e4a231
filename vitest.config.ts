import { defineConfig } from 'vitest/config';
import { sharedOptions } from './vitest.shared.ts';

export default defineConfig({
  test: {
    ...sharedOptions('test'),
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.long.test.ts', 'test/long/**', 'test/servers/**', 'test/soak/**'],
  },
});
