import { testSchedules } from '../assert-schedules';
import { copySchedules } from '../schedules';

testSchedules({ index: 3, share: 0.25, kind: copySchedules });
