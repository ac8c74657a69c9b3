"""What the talus command shows on a terminal, off one, and to shells.   usage: command_terminal.py TALUS DATA"""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import time

from command_support import *


def on_terminal(*arguments, columns=100, env=None, interrupt_after=None):
    """What a run writes to a terminal of so many columns: exit status, output, messages."""
    control, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "LC_ALL", "LC_CTYPE", "LANG")}
    process = subprocess.Popen([talus, *arguments], stdout=subprocess.PIPE, stderr=terminal, text=True,
                               env={**environment, "TERM": "xterm", **(env or {})})
    os.close(terminal)
    messages, begin = b"", time.time()
    while time.time() < begin + 60:
        if interrupt_after is not None and time.time() > begin + interrupt_after:
            process.send_signal(signal.SIGINT)
            interrupt_after = None
        if not select.select([control], [], [], 0.05)[0]:
            continue
        try:
            messages += os.read(control, 65536)
        except OSError: # the end of a terminal
            break
    else:
        process.kill()
    os.close(control)
    output = process.communicate()[0]
    return process.returncode, output, messages.decode().replace("\r\n", "\n")


run_of_a_second = ["train", "numbers.csv", "--epochs", "1000000", "--time", "0.6s", "--out", "t.safetensors"]


def bars(messages):
    """What has stood in the line of the bar, one after the other."""
    return [part.split("\033[K")[0] for part in messages.split("\r")[1:] if "samples/s" in part.split("\033[K")[0]]


def bar():
    status, out, err = on_terminal(*run_of_a_second, env={"LANG": "en_US.UTF-8"}, columns=130)
    shown = bars(err)
    check(f"a bar is drawn again and again: {len(shown)}", status == 0 and len(shown) >= 3)
    last = re.sub("\033\\[[0-9]*m", "", shown[-1])
    check(f"with all that it tells: {last!r}", re.fullmatch(
        "[\u2501\u2500]{20} +\\d+ %  epoch \\d+/1000000  loss [-0-9.e]+  validation loss [-0-9.e]+  [0-9:]+ left  rate [-0-9.e]+  [0-9.kM]+ samples/s",
        last) is not None)
    check("in colour", "\033[36m" in shown[-1])
    check("it is taken away at the end", err.rindex("\r\033[K") > err.rindex("samples/s"))
    for columns in (60, 80, 20):
        shown = bars(on_terminal(*run_of_a_second, columns=columns)[2]) or [
            part.split("\033[K")[0] for part in on_terminal(*run_of_a_second, columns=columns)[2].split("\r")[1:] if "%" in part]
        widest = max(len(re.sub("\033\\[[0-9]*m", "", line)) for line in shown)
        check(f"it fits into {columns} columns: {widest}", widest < columns)


def plain():
    err = on_terminal(*run_of_a_second, env={"NO_COLOR": "1"})[2]
    check("NO_COLOR: no colours", "\033[3" not in err and "\033[0m" not in err and bars(err))
    err = on_terminal(*run_of_a_second, env={"LANG": "C"})[2]
    check("without UTF-8, other signs", "\u2501" not in err and any(line.lstrip("\033[36m")[0] in "#-" for line in bars(err)))
    err = on_terminal(*run_of_a_second, env={"TERM": "dumb"})[2]
    check("a dumb terminal has lines alone", "\033" not in err and "\r" not in err)
    status, out, err = on_terminal(*run_of_a_second, "--quiet")
    check(f"--quiet: nothing: {err!r}", (status, out, err) == (0, "", ""))
    status, out, err = run("train", "numbers.csv", "--epochs", "3", "--out", "t.safetensors")
    lines = err.splitlines()
    check(f"off a terminal, lines: {err}", "\033" not in err and "\r" not in err and sum(line.startswith("epoch ") for line in lines) == 3)
    check(f"which tell the same: {lines}", re.fullmatch(
        "epoch 3/3  loss [-0-9.e]+  validation loss [-0-9.e]+  rate [-0-9.e]+  [0-9.kM]+ samples/s", lines[3]) is not None)
    many = run("train", "numbers.csv", "--epochs", "400", "--out", "t.safetensors")[2]
    check("and not too many of them", 20 <= sum(line.startswith("epoch ") for line in many.splitlines()) <= 21)


def interrupted():
    """Ctrl-C finishes the step, writes the checkpoint, says how to go on; the run can."""
    table = ["train", "numbers.csv", "--epochs", "1000000", "--checkpoint", "run 1.checkpoint", "--out", "i.safetensors"]
    status, out, err = on_terminal(*table, interrupt_after=0.4)
    check(f"it ends, and says how to go on: {status} {err[-300:]!r}",
          status == 130 and "talus: stopped; `talus resume 'run 1.checkpoint'` goes on\n" in err and "stopped after" in err)
    check("the model so far is there, and knows that", model("i.safetensors")[1]["notes"]["result"]["outcome"] == "stopped")
    before = model("i.safetensors")[1]["notes"]["result"]["epochs"]
    status, out, err = on_terminal("resume", "run 1.checkpoint", interrupt_after=0.4)
    check(f"it goes on and is stopped again: {status} {err[-300:]!r}", status == 130 and model("i.safetensors")[1]["notes"]["result"]["epochs"] > before)
    status, out, err = on_terminal("train", "numbers.csv", "--epochs", "1000000", "--out", "i.safetensors", interrupt_after=0.4)
    check(f"without a checkpoint: {err[-300:]!r}", status == 130 and "talus: stopped; with --checkpoint FILE, a run can go on later\n" in err)
    status, out, err = on_terminal("train", "numbers.csv", "--epochs", "1000000", "--folds", "3", interrupt_after=0.4)
    check(f"folds: {err[-300:]!r}", (status, out) == (130, "") and "talus: stopped in fold 1 of 3\n" in err)
    status, out, err = on_terminal("search", "numbers.csv", "--trials", "3", "--epochs", "3000000", "--out", "s.safetensors", interrupt_after=0.8)
    check(f"a search: {status} {err[-300:]!r}", status == 130 and os.path.exists("s.safetensors"))


def streams():
    """Data go to the output; what cannot be written is said."""
    run("train", "flowers.csv", "--epochs", "2", "--quiet", "--out", "f.safetensors")
    for arguments in (["predict", "f.safetensors", "flowers.csv"], ["evaluate", "f.safetensors", "flowers.csv"], ["info", "f.safetensors"],
                      ["data", "describe", "flowers.csv"], ["train", "flowers.csv", "--epochs", "1", "--quiet", "--json"], ["complete", "bash"], ["version"]):
        status, out, err = run(*arguments)
        check(f"{arguments}: nothing but data: {err!r}", status == 0 and out != "" and "talus:" not in err)
        if os.path.exists("/dev/full"):
            with open("/dev/full", "w") as full:
                got = subprocess.run([talus, *arguments], stdout=full, stderr=subprocess.PIPE, text=True)
            check(f"{arguments} to a full disk: {got}", got.returncode == 1 and "cannot be written" in got.stderr or "could not be written" in got.stderr)
    table = open("flowers.csv").read()
    os.environ["TMPDIR"] = "copies"
    os.mkdir("copies")
    check("train reads a pipe", run("train", "-", "--target", "kind", "--epochs", "2", "--out", "p.safetensors", "--quiet", stdin=table)[0] == 0)
    check("so does describe", run("data", "describe", "-", "--target", "kind", stdin=table) == run("data", "describe", "flowers.csv", "--target", "kind"))
    check("so does evaluate", run("evaluate", "f.safetensors", "-", stdin=table) == run("evaluate", "f.safetensors", "flowers.csv"))
    status, out, err = run("train", "-", "--checkpoint", "c", stdin=table)
    check(f"a checkpoint needs a file: {err}", status == 1 and "--checkpoint is for data in a file" in err)
    with subprocess.Popen([talus, "predict", "f.safetensors", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.close()  # nobody reads what is predicted
        head, rows = table.split("\n", 1)
        process.stdin.write((head + "\n" + 1000 * rows).encode())
    check("no copy is left", os.listdir("copies") == [])
    del os.environ["TMPDIR"]


def bash_proposes(*words):
    script = f'source <("{talus}" complete bash); COMP_WORDS=("$@"); COMP_CWORD=$((${{#COMP_WORDS[@]}}-1)); _talus; printf "%s\\n" "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "-c", script, "bash", *words], capture_output=True, text=True)
    check(f"bash has nothing to say: {done.stderr}", done.stderr == "")
    return done.stdout.split()


def completion():
    check("commands", bash_proposes("talus", "ex") == ["export"] and "search" in bash_proposes("talus", ""))
    check("options", bash_proposes("talus", "train", "--weig") == ["--weights", "--weight-decay"])
    check("those of the command", bash_proposes("talus", "predict", "d", "--e") == [] and bash_proposes("talus", "export", "--o") == ["--onnx"])
    check("values", bash_proposes("talus", "train", "x.csv", "--optimizer", "adam") == ["adam", "adamw", "adamax"])
    check("what data does", bash_proposes("talus", "data", "") == ["describe"])
    check("files elsewhere", bash_proposes("talus", "train", "") == [] and bash_proposes("talus", "train", "x", "--out", "") == [])
    for shell in ("zsh", "fish"):
        with open("script", "w") as file:
            file.write(run("complete", shell)[1])
        if shutil.which(shell) is not None:
            done = subprocess.run([shell, "-n", "script"], capture_output=True, text=True)
            check(f"{shell} reads its completion: {done}", done.returncode == 0 and done.stderr == "")
    if shutil.which("fish") is not None:
        for line, wanted in (("talus ex", ["export"]), ("talus train --weight-", ["--weight-decay"]), ("talus train --optimizer adamw", ["adamw"])):
            done = subprocess.run(["fish", "--no-config", "-c", f"source script; complete -C '{line}'"], capture_output=True, text=True)
            check(f"fish: {line}: {done}", [found.split("\t")[0] for found in done.stdout.splitlines()] == wanted)
    expect(["complete", "tcsh"], 2, "", 'talus: complete takes bash, zsh or fish, got "tcsh"\n')


end_of((bar, plain, interrupted, streams, completion))
