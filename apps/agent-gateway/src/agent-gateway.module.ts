import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { DATA_SOURCE, DatabaseModule, OrderStore, TaskStore } from '#lib/database';
import {
  CLOCK,
  COMMAND_HANDLER,
  EVENT_STORE,
  HEALTH,
  LOGGER,
  METRICS,
  NATS,
  PlatformModule,
  SHUTDOWN,
  type Clock,
  type EventStore,
  type HandlesCommands,
  type Logger,
  type Nats,
} from '#lib/platform';
import type { AgentGatewayConfig } from './agent-gateway.config.js';
import { ConfirmationsService } from './confirmations/confirmations.service.js';
import { WantedCollectors } from './confirmations/wanted.js';
import { EnrolmentController } from './enrolment/enrolment.controller.js';
import { enrolment } from './enrolment/enrolment.provider.js';
import { GatewayLoops, type GatewayParts } from './gateway-loops.js';
import { HandOver } from './orders/hand-over.js';
import { HttpDoorController } from './http-door/http-door.controller.js';
import { httpDoor } from './http-door/http-door.providers.js';
import { HelloController } from './hello.controller.js';
import { inventory } from './inventory/inventory.provider.js';
import { InventoryDesk } from './inventory/inventory-desk.js';
import { OrderDesk, type OrderDeskParts } from './orders/order-desk.js';
import { RenderFailures } from './orders/render-failures.js';
import { WantStore } from './orders/want-store.js';
import { PresenceBook } from './presence/presence-book.js';
import { PresenceController } from './presence/presence.controller.js';
import { presence } from './presence/presence.provider.js';
import { PresenceService } from './presence/presence.service.js';
import { revocation } from './revocation/revocation.provider.js';
import { RevocationService } from './revocation/revocation.service.js';
import type { HostReach } from './rotation/rotation-desk.js';
import { rotation, ROTATION_REACH } from './rotation/rotation.providers.js';
import { FleetBook } from './shared/fleet-book.js';
import { FleetFollower } from './shared/fleet-follower.js';
import { hostLimits } from './shared/host-limits.js';
import { HostShare } from './shared/host-share.js';
import { Leases } from './shared/leases.js';
import { leases } from './shared/leases.provider.js';
import { TaskDesk } from './tasks/task-desk.js';
import { TaskIngest } from './tasks/task-ingest.js';
import { RecordingArrivals } from './uplink/recording-arrivals.js';
import { recordingArrivals, uplinkReader } from './uplink/uplink.provider.js';
import { UplinkReader } from './uplink/uplink-reader.js';

type DataSource = ConstructorParameters<typeof OrderStore>[0];
type OrderWriters = Pick<OrderDeskParts, 'records' | 'failures'>;
const ORDER_WRITERS = Symbol('what orders are written down by');

/** The one place where the gateway's parts are put together. */
@Module({})
export class AgentGatewayModule {
  static forRoot(config: AgentGatewayConfig, clock?: Clock): DynamicModule {
    const platform = PlatformModule.forRoot({
      app: 'agent-gateway',
      natsUrl: config.natsUrl,
      natsCredsFile: config.natsCreds,
      logLevel: config.logLevel,
      ...(clock === undefined ? {} : { clock }),
    });
    return {
      module: AgentGatewayModule,
      imports: [platform, DatabaseModule.forRoot(config.databaseUrl)],
      controllers: [EnrolmentController, PresenceController, HelloController, HttpDoorController],
      providers: [...books, ...services(config), ...httpDoor, ...rotation(config), loops],
    };
  }
}

const books: Provider[] = [
  FleetBook,
  PresenceBook,
  {
    provide: FleetFollower,
    useFactory: (store: EventStore, book: FleetBook, logger: Logger) =>
      new FleetFollower(store, book, { error: (line, fields) => logger.error(fields, line) }),
    inject: [EVENT_STORE, FleetBook, LOGGER],
  },
];

/** Names of the loops' parts, in the order of their tokens. */
const loopParts = {
  nats: NATS,
  clock: CLOCK,
  logger: LOGGER,
  health: HEALTH,
  metrics: METRICS,
  shutdown: SHUTDOWN,
  book: FleetBook,
  follower: FleetFollower,
  leases: Leases,
  share: HostShare,
  presenceBook: PresenceBook,
  presence: PresenceService,
  inventory: InventoryDesk,
  desk: OrderDesk,
  tasks: TaskDesk,
  taskIngest: TaskIngest,
  handOver: HandOver,
  confirmations: ConfirmationsService,
  uplink: UplinkReader,
  revocation: RevocationService,
  recordings: RecordingArrivals,
} as const satisfies Record<keyof GatewayParts, unknown>;

const loops: Provider = {
  provide: GatewayLoops,
  useFactory: (...parts: unknown[]) =>
    new GatewayLoops(
      Object.fromEntries(
        Object.keys(loopParts).map((name, i) => [name, parts[i]]),
      ) as unknown as GatewayParts,
    ),
  inject: Object.values(loopParts),
};

const services = (config: AgentGatewayConfig): Provider[] => [
  revocation(config),
  {
    provide: ROTATION_REACH,
    useFactory: (presence: PresenceBook, handOver: HandOver): HostReach => ({
      isOnline: (tenant, host) => presence.isOnline({ tenant, host }),
      offer: (tenant, host, task) => handOver.offer(tenant, host, task),
    }),
    inject: [PresenceBook, HandOver],
  },
  hostLimits,
  ...leases,
  recordingArrivals,
  uplinkReader,
  enrolment(config),
  presence,
  inventory,
  {
    provide: HandOver,
    useFactory: (nats: Nats, clock: Clock, share: HostShare) => new HandOver(nats, clock, share),
    inject: [NATS, CLOCK, HostShare],
  },
  {
    provide: ORDER_WRITERS,
    useFactory: (source: DataSource, commands: HandlesCommands, clock: Clock): OrderWriters => ({
      records: new OrderStore(source),
      failures: new RenderFailures({ commands, clock }),
    }),
    inject: [DATA_SOURCE, COMMAND_HANDLER, CLOCK],
  },
  {
    provide: OrderDesk,
    useFactory: (
      book: FleetBook,
      presence: PresenceBook,
      handOver: HandOver,
      nats: Nats,
      writers: OrderWriters,
      clock: Clock,
    ) =>
      new OrderDesk({
        ...writers,
        book,
        wants: new WantStore(nats),
        handOver,
        clock,
        isOnline: (tenant, host) => presence.isOnline({ tenant, host }),
      }),
    inject: [FleetBook, PresenceBook, HandOver, NATS, ORDER_WRITERS, CLOCK],
  },
  {
    provide: TaskStore,
    useFactory: (source: DataSource, clock: Clock) => new TaskStore(source, () => clock.iso()),
    inject: [DATA_SOURCE, CLOCK],
  },
  {
    provide: TaskDesk,
    useFactory: (
      records: TaskStore,
      orders: OrderDesk,
      presence: PresenceBook,
      handOver: HandOver,
      clock: Clock,
      share: HostShare,
    ) =>
      new TaskDesk({
        records,
        clock,
        isOnline: (tenant, host) => share.holds(tenant, host) && presence.isOnline({ tenant, host }),
        hasAnswered: (tenant, host) => orders.hasAnswered(tenant, host),
        ordersDone: (tenant, host) => orders.settled(tenant, host),
        offer: (tenant, host, task) => handOver.offer(tenant, host, task),
      }),
    inject: [TaskStore, OrderDesk, PresenceBook, HandOver, CLOCK, HostShare],
  },
  {
    provide: TaskIngest,
    useFactory: (records: TaskStore, desk: TaskDesk, logger: Logger) =>
      new TaskIngest({ records, desk, warn: (line, fields) => logger.warn(fields, line) }),
    inject: [TaskStore, TaskDesk, LOGGER],
  },
  {
    provide: ConfirmationsService,
    useFactory: (book: FleetBook, commands: HandlesCommands, clock: Clock) =>
      new ConfirmationsService({ book, commands, clock, wanted: new WantedCollectors(book) }),
    inject: [FleetBook, COMMAND_HANDLER, CLOCK],
  },
];
