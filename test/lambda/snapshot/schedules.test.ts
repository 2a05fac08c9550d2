import { testSchedules } from '../assert-schedules';
import { copySchedules } from '../schedules';

testSchedules({ index: 3, share: 1 / 2, kind: copySchedules });
