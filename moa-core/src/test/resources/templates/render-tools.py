"""Renders conversations with calls of tools by Jinja2 as transformers sets it up.

python render-tools.py FOLDER > FOLDER/tools.json

FOLDER holds templates, NAME.jinja, or folders of models with a tokenizer_config.json. ToolTemplateTest
compares with what is written; its own goldens are of the templates tools-*.jinja beside this file.
"""

import json
import pathlib
import sys

from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

CITY = {"type": "object", "properties": {"city": {"type": "string", "description": "its name, <b> & all"},
        "days": {"type": "integer"}}, "required": ["city"]}
TOOLS = [{"type": "function", "function": {"name": "weather", "description": "Tells the weather.", "parameters": CITY}},
         {"type": "function", "function": {"name": "get_time", "description": "Uhrzeit, später.",
                                           "parameters": {"type": "object", "properties": {}}}}]


def call(id, name, **arguments):
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def calling(content, *calls):
    return {"role": "assistant", "content": content, "tool_calls": list(calls)}


def result(id, name, content):
    return {"role": "tool", "content": content, "tool_call_id": id, "name": name}


ASKED = [{"role": "user", "content": "How warm is Tromsø?"}]
ODD = call("abcdefgh3", "weather", city='Zürich "Ost" \\ 中\n😀 </tool_call> [TOOL_CALLS] }]', days=3,
           more={"a": [1, 2.5, None, True, {}], "b": ""})
CONVERSATIONS = {
    "asked": ASKED,
    "asked, with an instruction": [{"role": "system", "content": "Be brief."}] + ASKED,
    "one call": ASKED + [calling("", call("abcdefgh1", "weather", city="Tromsø"))],
    "a call of nothing": ASKED + [calling("", call("abcdefgh1", "get_time"))],
    "one call and its result": ASKED + [calling("", call("abcdefgh1", "weather", city="Tromsø", days=1)),
                                        result("abcdefgh1", "weather", '{"degrees": -3}')],
    "something said before a call": ASKED + [calling("Let me look.", call("abcdefgh1", "weather", city="Oslo"))],
    "two calls and their results": ASKED + [calling("", call("abcdefgh1", "weather", city="Tromsø"),
                                                    call("abcdefgh2", "get_time")),
                                            result("abcdefgh1", "weather", "-3"), result("abcdefgh2", "get_time", "9:00")],
    "odd arguments": ASKED + [calling("", ODD)],
    "a call, its result, an answer and a question": ASKED + [
        calling("", call("abcdefgh1", "weather", city="Tromsø")), result("abcdefgh1", "weather", "-3"),
        {"role": "assistant", "content": "Minus 3."}, {"role": "user", "content": "And Oslo?"}],
    "an id that is short": ASKED + [calling("", call("1", "weather", city="Oslo")), result("1", "weather", "2")],
}


def environment():
    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True,
                                        extensions=["jinja2.ext.loopcontrols"])
    env.filters["tojson"] = lambda x, ensure_ascii=False, indent=None, separators=None, sort_keys=False: json.dumps(
        x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    def refuse(message):
        raise TemplateError(message)

    env.globals["raise_exception"] = refuse
    env.globals["strftime_now"] = lambda form: __import__("datetime").datetime(2024, 7, 26).strftime(form)
    return env


def templates(folder):
    for file in sorted(folder.glob("tools-*.jinja")):
        yield file.name, file.read_text(), {"bos_token": "<s>", "eos_token": "</s>"}
    for file in sorted(folder.glob("*/tokenizer_config.json")):
        config = json.loads(file.read_text())
        template = config["chat_template"]
        if not isinstance(template, str):
            named = {one["name"]: one["template"] for one in template}
            template = named.get("tool_use", named["default"])
        tokens = {k: v if isinstance(v, str) else v["content"] for k, v in config.items()
                  if k.endswith("_token") and isinstance(v, (str, dict))}
        yield file.parent.name, template, tokens


def main():
    goldens = []
    for name, template, tokens in templates(pathlib.Path(sys.argv[1])):
        compiled = environment().from_string(template)
        for title, messages in CONVERSATIONS.items():
            for prompt in (True, False):
                golden = {"template": name, "conversation": title, "prompt": prompt}
                try:
                    golden["expected"] = compiled.render(messages=messages, tools=TOOLS,
                                                         add_generation_prompt=prompt, **tokens)
                except TemplateError as error:
                    golden["refused"] = str(error)
                goldens.append(golden)
    json.dump({"tools": TOOLS, "conversations": CONVERSATIONS, "goldens": goldens}, sys.stdout, ensure_ascii=False, indent=1)


main()
