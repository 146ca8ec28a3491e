#!/bin/sh
# On a terminal: colour, unless NO_COLOR or --no-color; and lines that fit it.
# Inner shells expand what is quoted here.
# shellcheck disable=SC2016
# shellcheck source=tests/e2e/cli.sh
. "$srcdir/tests/e2e/cli.sh"

batch > batch.toml
run 0 'submit' submit batch.toml

# on_terminal COLUMNS NAME=VALUE -- ARGUMENT...: runs purser with a terminal of that width as its stdout.
cat > terminal.py <<'END'
import fcntl, os, pty, struct, sys, termios
columns, variable, args = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
pid, fd = pty.fork()
if pid == 0:
    del os.environ["COLUMNS"]
    os.environ["TERM"] = "xterm"
    name, _, value = variable.partition("=")
    if value:
        os.environ[name] = value
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    os.execv(os.environ["PURSER"], [os.environ["PURSER"]] + args)
data = b""
while True:
    try:
        part = os.read(fd, 65536)
    except OSError:
        break
    if not part:
        break
    data += part
open("out", "wb").write(data.replace(b"\r\n", b"\n"))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
escape=$(printf '\033')

ok 'list on a terminal' /usr/bin/python3 terminal.py 80 X= list
out "$escape\\[2m"
ok 'list with NO_COLOR' /usr/bin/python3 terminal.py 80 NO_COLOR=1 list
no_out "$escape"
ok '... fits 80 columns' narrow
ok 'list --no-color' /usr/bin/python3 terminal.py 80 X= list --no-color
no_out "$escape"
ok 'list on a terminal of 60 columns' /usr/bin/python3 terminal.py 60 NO_COLOR=1 list
ok '... fits it' sh -c '! grep -E "^.{61}" out | grep -v "^next"'
ok 'list without cutting where nobody looks' sh -c 'unset COLUMNS; "$PURSER" list > out'
no_out '\.\.$'

done_testing
