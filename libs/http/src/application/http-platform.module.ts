import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { HealthChecks } from '../operation/health-checks.js';
import { MetricsRegistry } from '../operation/metrics-registry.js';
import { RawRoutes } from '../raw/raw-route.js';
import { RouteTable } from './route-table.js';

/** Provides globally what every module may add to: raw routes, health checks, metrics. */
@Module({})
export class HttpPlatformModule {
  static with(routes: RouteTable, metrics: MetricsRegistry): DynamicModule {
    return {
      module: HttpPlatformModule,
      global: true,
      providers: [
        RawRoutes,
        { provide: HealthChecks, useValue: new HealthChecks() },
        { provide: RouteTable, useValue: routes },
        { provide: MetricsRegistry, useValue: metrics },
      ],
      exports: [RawRoutes, HealthChecks, RouteTable, MetricsRegistry],
    };
  }
}

/** The module that an HTTP application starts from: the platform and the application's own module. */
@Module({})
export class HttpRootModule {
  static of(platform: DynamicModule, application: Type | DynamicModule): DynamicModule {
    return { module: HttpRootModule, imports: [platform, application] };
  }
}
