# The targets with libFuzzer, for clang and GNU make; tests/long/fuzz.t calls it with
# srcdir and builddir (where config.h is). What it makes stays, so that only what has
# changed is compiled again.
TARGETS = messages client failure redact article
PACKAGES = libcjson libuv libcrypto
FOLDERS = src/base src/core src/driver strategies

CPPFLAGS = -I$(builddir) -I$(srcdir)/src -I$(srcdir) $(shell pkg-config --cflags $(PACKAGES))
CFLAGS = -g -O1 -w -fsanitize=address,undefined -fno-sanitize=vptr,function
COUNTERS = -fsanitize=fuzzer-no-link -MMD
LIBS = $(shell pkg-config --libs $(PACKAGES)) -lstdc++ -lm -ldl

sources = $(foreach folder,$(FOLDERS),$(wildcard $(srcdir)/$(folder)/*.c))
objects = $(sources:$(srcdir)/%.c=%.o)
entries = $(TARGETS:%=tests/fuzz/%.o)
toml = src/base/toml.o

all: $(TARGETS)

$(TARGETS): %: tests/fuzz/%.o all.a
	clang $(CFLAGS) -fsanitize=fuzzer $< all.a $(LIBS) -o $@

all.a: $(objects) $(toml)
	rm -f $@
	ar -qcs $@ $(objects) $(toml)

$(objects) $(entries): %.o: $(srcdir)/%.c
	@mkdir -p $(@D)
	clang -std=gnu11 $(CPPFLAGS) $(CFLAGS) $(COUNTERS) -c $< -o $@

$(toml): %.o: $(srcdir)/%.cc
	@mkdir -p $(@D)
	clang++ -std=gnu++17 $(CPPFLAGS) $(CFLAGS) $(COUNTERS) -c $< -o $@

.PHONY: all
-include $(patsubst %.o,%.d,$(objects) $(entries) $(toml))
