#include "dnnl_memory.h"

#include "serve.h"

dnnl_engine_t engine;
dnnl_stream_t stream;

void must(dnnl_status_t status)
{
    peer_must(status == dnnl_success, "oneDNN: a call failed");
}

dnnl_memory_desc_t describe(int64_t rows, int64_t cols, bool any)
{
    dnnl_memory_desc_t md;
    dnnl_dims_t dims = {rows, cols};
    must(dnnl_memory_desc_init_by_tag(&md, cols ? 2 : 1, dims, dnnl_f32,
                                      any    ? dnnl_format_tag_any
                                      : cols ? dnnl_ab
                                             : dnnl_a));
    return md;
}

dnnl_memory_t make_memory(const dnnl_memory_desc_t *md)
{
    dnnl_memory_t memory;
    must(dnnl_memory_create(&memory, md, engine, DNNL_MEMORY_ALLOCATE));
    return memory;
}

float *data_of(dnnl_memory_t memory)
{
    void *data;
    must(dnnl_memory_get_data_handle(memory, &data));
    return data;
}

const dnnl_memory_desc_t *md_of(dnnl_memory_t memory)
{
    const dnnl_memory_desc_t *md;
    must(dnnl_memory_get_memory_desc(memory, &md));
    return md;
}

/* Numbers of a layout, its padding included. */
int64_t room_of(dnnl_memory_t memory)
{
    return (int64_t)(dnnl_memory_desc_get_size(md_of(memory)) / sizeof(float));
}

dnnl_primitive_t make_reorder(const dnnl_memory_desc_t *from, const dnnl_memory_desc_t *to)
{
    dnnl_primitive_desc_t pd;
    dnnl_primitive_t primitive;
    must(dnnl_reorder_primitive_desc_create(&pd, from, engine, to, engine, NULL));
    must(dnnl_primitive_create(&primitive, pd));
    must(dnnl_primitive_desc_destroy(pd));
    return primitive;
}

void reorder(dnnl_primitive_t primitive, dnnl_memory_t from, dnnl_memory_t to)
{
    const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
    must(dnnl_primitive_execute(primitive, stream, 2, arguments));
}

/* Moves numbers between a dense array and a memory. */
void exchange(float *dense, int64_t rows, int64_t cols, dnnl_memory_t memory, bool write)
{
    dnnl_memory_desc_t md = describe(rows, cols, false);
    dnnl_memory_t plain;
    must(dnnl_memory_create(&plain, &md, engine, dense));
    dnnl_primitive_t primitive = make_reorder(write ? &md : md_of(memory), write ? md_of(memory) : &md);
    reorder(primitive, write ? plain : memory, write ? memory : plain);
    must(dnnl_stream_wait(stream));
    must(dnnl_primitive_destroy(primitive));
    must(dnnl_memory_destroy(plain));
}

dnnl_primitive_desc_t make_pd(const void *desc, dnnl_primitive_attr_t attr, dnnl_primitive_desc_t hint)
{
    dnnl_primitive_desc_t pd;
    must(dnnl_primitive_desc_create(&pd, desc, attr, engine, hint));
    return pd;
}

dnnl_primitive_t make_primitive(dnnl_primitive_desc_t pd)
{
    dnnl_primitive_t primitive;
    must(dnnl_primitive_create(&primitive, pd));
    must(dnnl_primitive_desc_destroy(pd));
    return primitive;
}

void forget_primitive(dnnl_primitive_t *primitive)
{
    if (*primitive)
        must(dnnl_primitive_destroy(*primitive));
    *primitive = NULL;
}

void forget_memory(dnnl_memory_t memory)
{
    if (memory)
        must(dnnl_memory_destroy(memory));
}

void dnnl_begin(void)
{
    must(dnnl_engine_create(&engine, dnnl_cpu, 0));
    must(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags));
}
