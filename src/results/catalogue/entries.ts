/** Every kind of test. */
import type { TestType } from '../../api/v1alpha1.ts';
import { CONNECT_REQUEST_RESPONSE } from './connectRequestResponse.ts';
import { FIXED_RATE } from './fixedRate.ts';
import { IDLE } from './idle.ts';
import { LATENCY_UNDER_BULK } from './latencyUnderBulk.ts';
import { LOADED_LATENCY } from './loadedLatency.ts';
import { PACKET_RATE } from './packetRate.ts';
import { RATE_SEARCH } from './rateSearch.ts';
import { REQUEST_RESPONSE } from './requestResponse.ts';
import { STREAM } from './stream.ts';
import type { TestEntry } from './types.ts';

export const CATALOGUE: Record<TestType, TestEntry> = {
  RequestResponse: REQUEST_RESPONSE,
  ConnectRequestResponse: CONNECT_REQUEST_RESPONSE,
  Stream: STREAM,
  PacketRate: PACKET_RATE,
  LoadedLatency: LOADED_LATENCY,
  LatencyUnderBulk: LATENCY_UNDER_BULK,
  RateSearch: RATE_SEARCH,
  FixedRate: FIXED_RATE,
  Idle: IDLE,
};
