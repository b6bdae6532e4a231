import { judgeProperties } from './judge-properties.ts';

judgeProperties((runs) => runs);
