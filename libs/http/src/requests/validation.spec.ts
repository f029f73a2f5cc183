import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Type } from 'class-transformer';
import { IsArray, IsDefined, IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator';
import { Public } from '../authentication/access.js';
import { startTestApplication, type TestApplication } from '../testing/index.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { ListQuery } from './list-query.dto.js';
import { UidParam } from './path-params.dto.js';

class Item {
  @IsString()
  @MaxLength(3)
  cost!: string;
}

class Access {
  @IsDefined()
  @ValidateNested()
  @Type(() => Item)
  best!: Item;
}

class SampleBody {
  @IsString()
  name!: string;

  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Item)
  items?: Item[];

  @IsOptional()
  @ValidateNested()
  @Type(() => Access)
  access?: Access;
}

class SampleQuery extends ListQuery {
  @IsOptional()
  @IsString()
  owner?: string;
}

@Controller('v1/samples')
@Public()
class SampleController {
  @Post()
  create(@Body() body: SampleBody): object {
    return { isDto: body instanceof SampleBody, body };
  }

  @Get()
  list(@Query() query: SampleQuery): object {
    const values = query.cursor === undefined ? null : decodeCursor(query.cursor, 2);
    return { ...query, values };
  }

  @Get(':uid')
  get(@Param() { uid }: UidParam): object {
    return { uid };
  }
}

let application: TestApplication;
beforeAll(async () => {
  application = await startTestApplication({ controllers: [SampleController] });
});
afterAll(() => application.close());

const create = (payload: object) => application.inject({ method: 'POST', url: '/v1/samples', payload });
const list = (query: string) => application.inject({ method: 'GET', url: `/v1/samples${query}` });

describe('a body', () => {
  it('arrives as its DTO class', async () => {
    const answer = await create({ name: 'a', items: [{ cost: '1' }] });
    expect(answer.json()).toEqual({ isDto: true, body: { name: 'a', items: [{ cost: '1' }] } });
  });

  it.each([
    ['an unknown field', { name: 'a', surname: 'b' }, 'unknown_field', ['surname']],
    ['an unknown field deep inside', { name: 'a', items: [{ cost: '1', x: 1 }] }, 'unknown_field', ['items[0].x']],
    ['an unknown field among bad ones', { surname: 'b' }, 'unknown_field', ['name', 'surname']],
    ['a missing field', {}, 'validation_failed', ['name']],
    ['a number for a string', { name: 5 }, 'validation_failed', ['name']],
    ['null', { name: null }, 'validation_failed', ['name']],
    ['a bad item', { name: 'a', items: [{ cost: '1' }, { cost: '1234' }] }, 'validation_failed', ['items[1].cost']],
    ['something that is no item', { name: 'a', items: ['x'] }, 'validation_failed', ['items[0]']],
    ['a missing member', { name: 'a', access: {} }, 'validation_failed', ['access.best']],
    ['a bad member', { name: 'a', access: { best: { cost: 1 } } }, 'validation_failed', ['access.best.cost']],
  ])('400: %s, by name', async (_what, payload, code, fields) => {
    const answer = await create(payload);
    const problem = answer.json<{ code: string; errors: { field: string }[] }>();
    expect([answer.statusCode, problem.code]).toEqual([400, code]);
    expect([...new Set(problem.errors.map(({ field }) => field))].sort()).toEqual([...fields].sort());
  });
});

describe('a query', () => {
  it('has 50 entries on a page unless it says otherwise', async () => {
    expect((await list('')).json()).toMatchObject({ limit: 50 });
    expect((await list('?limit=1000&owner=a%20b')).json()).toMatchObject({ limit: 1000, owner: 'a b' });
  });

  it.each([
    'limit=0',
    'limit=1001',
    'limit=1.5',
    'limit=abc',
    'limit=',
    'limit=1e1',
    'limit=%2B5',
    'limit=05',
    'limit=0x10',
    'limit=+5',
    'limit=5+',
  ])('400: %s', async (query) => {
    const answer = await list(`?${query}`);
    const { code, errors } = answer.json<{ code: string; errors: { field: string }[] }>();
    expect([code, ...new Set(errors.map(({ field }) => field))]).toEqual(['validation_failed', 'limit']);
  });

  it.each(['surname=b', '__proto__=x', 'constructor=x'])('400: unknown: %s', async (query) => {
    const answer = await list(`?${query}`);
    expect(answer.json()).toMatchObject({ code: 'unknown_field', errors: [{ field: query.split('=')[0] }] });
  });

  it('goes on where its cursor says', async () => {
    const cursor = encodeCursor(['2026-01-01', 'tok_1']);
    expect((await list(`?cursor=${cursor}`)).json()).toMatchObject({ values: ['2026-01-01', 'tok_1'] });
    expect((await list(`?cursor=${cursor}x`)).json()).toMatchObject({ code: 'invalid_cursor' });
  });
});

it('a path parameter arrives decoded', async () => {
  expect((await list('/tok_%41')).json()).toEqual({ uid: 'tok_A' });
});
