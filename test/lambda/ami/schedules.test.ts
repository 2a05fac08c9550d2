import { testSchedules } from '../assert-schedules';
import { KINDS } from '../schedules';

testSchedules(KINDS.amis);
