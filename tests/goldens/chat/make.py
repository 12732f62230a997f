#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the reference figures of the chat template tests: what jinja2 prints, as transformers sets it up.

usage: make.py [OUT_DIR]      (default: beside this script)
formats.json  templates written in the style of each family, with what they print before and after one user message
jinja.json    small templates that use one part of Jinja each, with what they print
The date is left out, as ChatFormat does; templates that call for it all the same are given 26 July 2024.
Made with jinja2 3.1.6, transformers 5.2.0 (Python 3.11).
"""
import datetime, json, pathlib, sys
from transformers.utils.chat_template_utils import _compile_jinja_template

WORDS = 'What is new?'
SYSTEM = 'Speak briefly.'
DATE = datetime.datetime(2024, 7, 26)


def render(text, **variables):
    template = _compile_jinja_template.__wrapped__(text)
    del template.environment.globals['strftime_now']
    try:
        return template.render(**variables)
    except Exception as error:
        if 'strftime_now' not in str(error):
            raise
        template.environment.globals['strftime_now'] = DATE.strftime
        return template.environment.from_string(text).render(**variables)


TURNS = "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' }}{% endfor %}"
ASK = "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
CHATML = {
    'no default': TURNS + ASK,
    'default in the loop, real line breaks': ("{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nAnswer in verse.<|im_end|>\n' }}"
                                              "{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}" + ASK),
    'default after tools': ("{%- if tools %}\n    {{- '<|im_start|>system\\nYou have tools.<|im_end|>\\n' }}\n{%- else %}\n    {%- if messages[0]['role'] == 'system' %}\n"
                            "        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}\n    {%- else %}\n"
                            "        {{- '<|im_start|>system\\nAnswer in verse.<|im_end|>\\n' }}\n    {%- endif %}\n{%- endif %}\n" + TURNS + ASK),
    'default in pieces': "{% if messages[0].role != 'system' %}{{ '<|im_start|>system\\n' + \"Don't say \\\"no\\\".\" + '<|im_end|>\\n' }}{% endif %}" + TURNS + ASK,
    'default in a variable': ("{% if messages[0]['role'] == 'system' %}{% set rest = messages[1:] %}{% set system = messages[0]['content'] %}{% else %}{% set rest = messages %}"
                              "{% set system = 'Answer in verse.' %}{% endif %}{{ '<|im_start|>system\\n' + system + '<|im_end|>\\n' }}" + TURNS.replace('messages', 'rest') + ASK),
    'text outside tags': ("{% if messages[0].role != \"system\" %}\n<|im_start|>system\nAnswer in verse.<|im_end|>\n{% endif %}\n{% for m in messages %}\n<|im_start|>{{ m.role }}\n"
                          "{{ m.content }}<|im_end|>\n{% endfor %}\n{% if add_generation_prompt %}\n<|im_start|>assistant\n{% endif %}\n"),
    'no line break after a turn': TURNS.replace('|>\\n', '|>') + ASK,
    'answer begins with a thought': TURNS + ASK.replace('assistant\\n', 'assistant\\n<think>\\n'),
    'tabs and backslashes': "{% if messages[0].role != 'system' %}{{ '<|im_start|>system\\n\\tC:\\\\dir<|im_end|>\\n' }}{% endif %}" + TURNS + ASK,
    'comment': "{# '<|im_start|>system\\nno<|im_end|>' #}" + TURNS + ASK,
    'BOS before the first turn': '{{ bos_token }}' + TURNS + ASK,
    'BOS inside the loop': "{% for m in messages %}{% if loop.first %}{{ bos_token }}{% endif %}{{ '<|im_start|>' ~ m.role ~ '\\n' ~ m.content ~ '<|im_end|>\\n' }}{% endfor %}" + ASK,
    'thinking switched off unless asked for': TURNS + ("{%- if add_generation_prompt %}\n    {{- '<|im_start|>assistant\\n' }}\n    {%- if enable_thinking is defined and enable_thinking is true %}\n"
                                                       "        {{- '<think>\\n' }}\n    {%- else %}\n        {{- '<think>\\n\\n</think>\\n\\n' }}\n    {%- endif %}\n{%- endif %}\n"),
    'search for the last question': ("{%- set ns = namespace(searching=true, last=messages|length - 1) %}\n{%- for message in messages[::-1] %}\n    {%- set index = (messages|length - 1) - loop.index0 %}\n"
                                     "    {%- if ns.searching and message.role == 'user' and message.content is string and not(message.content.startswith('<result>') and message.content.endswith('</result>')) %}\n"
                                     "        {%- set ns.searching = false %}\n        {%- set ns.last = index %}\n    {%- endif %}\n{%- endfor %}\n{%- for message in messages %}\n    {%- if message.content is string %}\n"
                                     "        {%- set content = message.content %}\n    {%- else %}\n        {%- set content = '' %}\n    {%- endif %}\n    {%- if (message.role == 'user') or (message.role == 'system' and not loop.first) %}\n"
                                     "        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}\n    {%- elif message.role == 'assistant' %}\n        {%- set thought = '' %}\n"
                                     "        {%- if '</think>' in content %}\n            {%- set thought = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}\n        {%- endif %}\n"
                                     "        {{- thought if loop.index0 > ns.last else content }}\n    {%- elif message.role == 'tool' %}\n        {%- if loop.previtem and loop.previtem.role != 'tool' %}\n            {{- '<|im_start|>user' }}\n"
                                     "        {%- endif %}\n    {%- endif %}\n{%- endfor %}\n{%- if add_generation_prompt %}\n    {{- '<|im_start|>assistant\\n' }}\n    {%- if enable_thinking is defined and enable_thinking is false %}\n"
                                     "        {{- '<think>\\n\\n</think>\\n\\n' }}\n    {%- endif %}\n{%- endif %}"),
    'date called for and a mode': ("{%- if enable_thinking is not defined -%}\n{%- set enable_thinking = true -%}\n{%- endif -%}\n{%- set mode = '/no_think' -%}\n{%- if enable_thinking -%}{%- set mode = '/think' -%}{%- endif -%}\n"
                                   "{{- '<|im_start|>system\\n' -}}\n{%- set day = strftime_now('%d %B %Y') -%}\n{{- '# Facts\\n\\n' -}}\n{{- 'Cut-off: June 2025\\n' -}}\n{{- 'Today: ' ~ day ~ '\\n' -}}\n{{- 'Mode: ' + mode + '\\n\\n' -}}\n"
                                   "{%- if mode == '/think' -%}\n{{- 'Think first, then answer.\\n\\n' -}}\n{%- endif -%}\n{%- if tools or xml_tools -%}\n{{- '### Tools\\n\\n' -}}\n{%- endif -%}\n{{- '<|im_end|>\\n' -}}\n"
                                   "{%- for message in messages -%}\n{%- set content = message.content if message.content is string else '' -%}\n{%- if message.role == 'user' -%}\n{{ '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>\\n' }}\n"
                                   "{%- elif message.role == 'assistant' -%}\n{% generation %}\n{{ '<|im_start|>assistant\\n' + content.lstrip('\\n') + '<|im_end|>\\n' }}\n{% endgeneration %}\n{%- endif -%}\n{%- endfor -%}\n"
                                   "{%- if add_generation_prompt -%}\n{{ '<|im_start|>assistant\\n' }}\n{%- endif -%}\n"),
    'macros for tools': ("{%- macro kind(spec) -%}{%- if spec.type == 'array' -%}{{ 'list[' + kind(spec['items']) + ']' }}{%- else -%}{{ {'string': 'str', 'number': 'float'}[spec.type] }}{%- endif -%}{%- endmacro -%}\n"
                         "{{- bos_token -}}\n{%- if tools -%}\n<|im_start|>system\n{% for tool in tools -%}{{ tool.name ~ ': ' ~ kind(tool.parameters) ~ '\\n' }}{%- endfor -%}<|im_end|>\n{%- endif -%}\n"
                         "{%- for message in messages -%}\n{{- '<|im_start|>' + message['role'] + '\\n' + message['content']|trim + '<|im_end|>' + '\\n' -}}\n{%- endfor -%}\n" + ASK),
    'content in parts only': ("{% for message in messages %}<|im_start|>{{ message.role }}\n{% for part in message.content %}{% if part.type == 'text' %}{{ part['text'] }}{% endif %}{% endfor %}<|im_end|>\n{% endfor %}" + ASK),
}
OTHERS = {
    'llama2: system prompt in the first turn': ('llama2', "{% if messages[0]['role'] == 'system' %}{% set rest = messages[1:] %}{% set system = messages[0]['content'] %}{% else %}{% set rest = messages %}{% set system = false %}{% endif %}"
        "{% for message in rest %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('the turns must alternate') }}{% endif %}{% if loop.index0 == 0 and system != false %}"
        "{% set content = '<<SYS>>\\n' + system + '\\n<</SYS>>\\n\\n' + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}"
        "{% elif message['role'] == 'assistant' %}{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}"),
    'llama2: a default system prompt': ('llama2', "{% for m in messages %}{{ bos_token ~ '[INST] ' }}{% if loop.first %}{{ '<<SYS>>\\nBe kind.\\n<</SYS>>\\n\\n' }}{% endif %}{{ m.content ~ ' [/INST]' }}{% endfor %}"),
    'llama3: BOS in the first turn': ('llama3', "{% set rest = messages %}{% for message in rest %}{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' %}"
        "{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"),
    'llama3: date with a default': ('llama3', "{{- bos_token }}\n{%- if custom_tools is defined %}\n    {%- set tools = custom_tools %}\n{%- endif %}\n{%- if not date_string is defined %}\n    {%- if strftime_now is defined %}\n"
        "        {%- set date_string = strftime_now('%d %b %Y') %}\n    {%- else %}\n        {%- set date_string = '1 Jan 2001' %}\n    {%- endif %}\n{%- endif %}\n{%- if not tools is defined %}\n    {%- set tools = none %}\n{%- endif %}\n"
        "{%- if messages[0]['role'] == 'system' %}\n    {%- set system = messages[0]['content']|trim %}\n    {%- set messages = messages[1:] %}\n{%- else %}\n    {%- set system = '' %}\n{%- endif %}\n"
        "{{- '<|start_header_id|>system<|end_header_id|>\\n\\n' }}\n{%- if builtin_tools is defined or tools is not none %}\n    {{- 'Environment: a shell\\n' }}\n{%- endif %}\n{{- 'Cut-off: then\\n' }}\n{{- 'Today: ' + date_string + '\\n\\n' }}\n"
        "{{- system }}\n{{- '<|eot_id|>' }}\n{%- for message in messages %}\n    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}\n"
        "        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}\n    {%- elif 'tool_calls' in message %}\n        {%- if not message.tool_calls|length == 1 %}\n"
        "            {{- raise_exception('one call only') }}\n        {%- endif %}\n    {%- endif %}\n{%- endfor %}\n{%- if add_generation_prompt %}\n    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}\n{%- endif %}\n"),
    'mistral: spaces on both sides': ('mistral', "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token}}"
        "{% else %}{{ raise_exception('no such role') }}{% endif %}{% endfor %}"),
    'mistral: a space before': ('mistral', "{%- set rest = messages %}\n{%- set users = rest | selectattr('role', 'equalto', 'user') | list %}\n{%- set ns = namespace() %}\n{%- set ns.index = 0 %}\n{%- for message in rest %}\n"
        "    {%- if not (message.role == 'tool' or message.role == 'tool_results' or (message.tool_calls is defined and message.tool_calls is not none)) %}\n        {%- if (message['role'] == 'user') != (ns.index % 2 == 0) %}\n"
        "            {{- raise_exception('the turns must alternate') }}\n        {%- endif %}\n        {%- set ns.index = ns.index + 1 %}\n    {%- endif %}\n{%- endfor %}\n{{- bos_token }}\n{%- for message in rest %}\n"
        "    {%- if message['role'] == 'user' %}\n        {%- if tools is not none and (message == users[-1]) %}\n            {{- '[AVAILABLE_TOOLS] [' }}\n            {{- '] [/AVAILABLE_TOOLS]' }}\n        {%- endif %}\n"
        "        {%- if loop.last and system is defined %}\n            {{- '[INST] ' + system + '\\n\\n' + message['content'] + '[/INST]' }}\n        {%- else %}\n            {{- '[INST] ' + message['content'] + '[/INST]' }}\n        {%- endif %}\n"
        "    {%- endif %}\n{%- endfor %}\n"),
    'mistral: no spaces': ('mistral', "{{- bos_token }}{%- for m in messages %}{%- if m.role == 'user' %}{{- '[INST]' + m.content + '[/INST]' }}{%- else %}{{- m.content + eos_token }}{%- endif %}{%- endfor %}"),
    'mistral: a system prompt with dates': ('mistral', "{%- set today = strftime_now('%Y-%m-%d') %}\n{%- set default = 'You are brief.\\nToday is ' + today + '.\\n\\nSay \"no\" if need be (\\'really\\').' %}\n{{- bos_token }}\n{%- if messages[0]['role'] == 'system' %}\n"
        "    {%- if messages[0]['content'] is string %}\n        {%- set system = messages[0]['content'] %}\n    {%- else %}\n        {%- set system = messages[0]['content'][0]['text'] %}\n    {%- endif %}\n    {%- set rest = messages[1:] %}\n"
        "{%- else %}\n    {%- set system = default %}\n    {%- set rest = messages %}\n{%- endif %}\n{{- '[SYSTEM_PROMPT]' + system + '[/SYSTEM_PROMPT]' }}\n{%- for message in rest %}\n    {%- if message['role'] == 'user' %}\n"
        "        {%- if message['content'] is string %}\n            {{- '[INST]' + message['content'] + '[/INST]' }}\n        {%- else %}\n            {{- '[INST]' }}\n            {%- for block in message['content'] %}\n                {{- block['text'] }}\n"
        "            {%- endfor %}\n            {{- '[/INST]' }}\n        {%- endif %}\n    {%- endif %}\n{%- endfor %}"),
    'phi3: line breaks': ('phi3', "{% for message in messages %}{% if message['role'] == 'system' and message['content'] %}{{'<|system|>\n' + message['content'] + '<|end|>\n'}}{% elif message['role'] == 'user' %}"
        "{{'<|user|>\n' + message['content'] + '<|end|>\n'}}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}"),
    'phi3: BOS and one expression': ('phi3', "{{ bos_token }}{% for m in messages %}{% if (m['role'] == 'user') %}{{'<|user|>' + '\\n' + m['content'] + '<|end|>' + '\\n' + '<|assistant|>' + '\\n'}}{% endif %}{% endfor %}"),
    'phi3: no line breaks': ('phi3', "{% for m in messages %}{% if m['role'] == 'system' and 'tools' in m and m['tools'] is not none %}{{ '<|' + m['role'] + '|>' + m['content'] + '<|tool|>' + m['tools'] + '<|/tool|>' + '<|end|>' }}"
        "{% else %}{{ '<|' + m['role'] + '|>' + m['content'] + '<|end|>' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"),
    'gemma: role renamed': ('gemma', "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}{% for message in messages %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}"
        "{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}"),
    'gemma: text and images': ('gemma', "{{ bos_token }}\n{%- if messages[0]['role'] == 'system' -%}\n    {%- set first = messages[0]['content'] + '\n\n' -%}\n    {%- set rest = messages[1:] -%}\n{%- else -%}\n    {%- set first = \"\" -%}\n"
        "    {%- set rest = messages -%}\n{%- endif -%}\n{%- for message in rest -%}\n    {%- set role = 'model' if message['role'] == 'assistant' else message['role'] -%}\n    {{ '<start_of_turn>' + role + '\n' + (first if loop.first else \"\") }}\n"
        "    {%- if message['content'] is string -%}\n        {{ message['content'] | trim }}\n    {%- elif message['content'] is iterable -%}\n        {%- for item in message['content'] -%}\n            {%- if item['type'] == 'image' -%}\n"
        "                {{ '<image>' }}\n            {%- endif -%}\n        {%- endfor -%}\n    {%- else -%}\n        {{ raise_exception('no such content') }}\n    {%- endif -%}\n    {{ '<end_of_turn>\n' }}\n{%- endfor -%}\n"
        "{%- if add_generation_prompt -%}\n    {{'<start_of_turn>model\n'}}\n{%- endif -%}\n"),
    'zephyr: line breaks between tags': ('zephyr', "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'system' %}\n"
        "{{ '<|system|>\n' + message['content'] + eos_token }}\n{% endif %}\n{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}"),
    'zephyr: line breaks printed': ('zephyr', "{% for m in messages %}{{ '<|' ~ m.role ~ '|>\\n' ~ m.content ~ eos_token ~ '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}"),
    'custom: another separator': ('custom', "{% for m in messages %}{{ '<|im_start|>' + m.role + '<|im_sep|>' + m.content + '<|im_end|>' }}{% endfor %}{{ '<|im_start|>assistant<|im_sep|>' }}"),
    'custom: words only': ('custom', "{{ bos_token }}USER: {{ messages[-1].content }} ASSISTANT:"),
    'custom: nothing around': ('custom', "{% for m in messages %}{{ m.content }}{% endfor %}"),
}


def formats():
    result = []
    cases = [(name, 'chatml', text) for name, text in CHATML.items()] + [(name, family, text) for name, (family, text) in OTHERS.items()]
    for name, family, text in cases:
        bos, eos = ('<|begin_of_text|>', '<|eot_id|>') if family == 'llama3' else ('<bos>', '<eos>') if family == 'gemma' else ('<s>', '</s>')
        printed = render(text, messages=[message('user', WORDS, 'in parts only' in name)], tools=None, documents=None, add_generation_prompt=True, bos_token=bos, eos_token=eos)
        prefix, suffix = printed.split(WORDS)
        variables = {'tools': None, 'documents': None, 'add_generation_prompt': True, 'bos_token': bos, 'eos_token': eos}
        result.append({'name': name, 'family': family, 'bos': bos, 'eos': eos, 'template': text, 'prefix': prefix, 'suffix': suffix,
                       'turn': turn(text, 'in parts only' in name, variables), 'system_prefix': system_prefix(text, 'in parts only' in name, variables)})
    return result


def message(role, text, in_parts):
    return {'role': role, 'content': [{'type': 'text', 'text': text}] if in_parts else text}


def turn(text, in_parts, variables):
    """What is printed between an answer and the next words; '' where a template does not print conversations."""
    try:
        printed = render(text, messages=[message('user', WORDS, in_parts), message('assistant', 'ANSWER', in_parts), message('user', 'NEXT', in_parts)], **variables)
        return printed.split('ANSWER')[1].split('NEXT')[0] if 'ANSWER' in printed and 'NEXT' in printed.split('ANSWER')[1] else ''
    except Exception:
        return ''


def system_prefix(text, in_parts, variables):
    """The prefix with a system prompt; null where the template takes none as text, or does not print it."""
    try:
        prefix, _ = render(text, messages=[message('system', SYSTEM, in_parts), message('user', WORDS, in_parts)], **variables).split(WORDS)
        return prefix if SYSTEM in prefix else None
    except Exception:
        return None


VARIABLES = {'x': 7, 'half': 0.5, 's': ' Some text, caf\u00e9 \u4f60\u597d ', 'l': [3, 1, 2], 'd': {'a': 1, 'b': [True, None, 'q"\u00e9'], 'items': 5}, 'n': None, 'yes': True,
             'users': [{'name': 'Ann', 'age': 30, 'ok': True}, {'name': 'Bob', 'ok': False}, {'name': 'Cid', 'age': 9, 'ok': True}]}
EXPRESSIONS = [
    "x + 1", "x - 10", "x * 3", "x // 2", "-x // 2", "x % 3", "-x % 3", "x / 2", "6 / 3", "-x", "2 + 3 * 4", "(2 + 3) * 4", "1 ~ 2 ~ 'a'", "'a' + 1 ~ 2", "'a' 'b'", "'a' + \"b\"", "half", "none", "true", "False", "'it''s'", "'\\x41\\u00e9\\101\\q\\'\\\\'",
    "x == 7", "x == 7.0", "x != 7", "x < 8", "x >= 8", "'a' < 'b'", "1 == true", "'1' == 1", "l == [3, 1, 2]", "missing == none", "missing == other", "n == none", "not x", "not missing", "x and 'y'", "0 or 'z'", "n or missing or 'w'", "1 and 0",
    "3 in l", "4 not in l", "'ext' in s", "'a' in d", "'z' in d", "x in [7]", "not x in l", "not (x == 7 and yes)", "'a' if yes else 'b'", "'a' if not yes", "'a' if n else 'b' if missing else 'c'", "(1, 2)[1]", "[1, [2, 3]][1][0]", "{'k': 'v', 'w': {'q': 2}}.w.q",
    "d.a", "d['a']", "d['zz']", "d.items()|list|length", "d.keys()|list|join('-')", "d.get('a')", "d.get('zz')", "d.get('zz', 3)", "d.values()|first", "l[0]", "l[-1]", "l[9]", "s[2]", "s[-2]", "s[1:5]", "s[-3:]", "s[::-1]", "s[-40:3]", "l[1:]|tojson", "l[:-1]|tojson", "l[::-1]|tojson", "l[::2]|tojson", "l[5:2]|tojson", "l[2:0:-1]|tojson",
    "s|trim", "s|length", "l|length", "d|length", "missing|length", "missing|default('e')", "n|default('e')", "n|default('e', true)", "''|d('f', boolean=true)", "missing|default", "d|tojson", "s|tojson", "half|tojson", "'a<b>\\n\\t\\u0001'|tojson", "l|tojson(ensure_ascii=False)", "{}|tojson", "[]|tojson",
    "'aBc dE'|upper", "'aBc dE'|lower", "'aBc dE'|capitalize", "'aBc dE'|title", "l|join", "l|join(', ')", "users|map(attribute='name')|join(',')", "['a', 'b']|map('upper')|join", "l|first", "l|last", "[]|first", "'abc'|list|tojson", "x|string + '1'", "'12'|int + 1", "'zz'|int", "'zz'|int(5)", "2.9|int", "'aaa'|replace('a', 'bc')", "l|reverse|list|tojson", "'abc'|reverse",
    "users|selectattr('ok')|map(attribute='name')|list|tojson", "users|rejectattr('ok')|list|length", "users|selectattr('name', 'equalto', 'Bob')|list|length", "users|selectattr('age', 'defined')|list|length", "users|selectattr('name', 'in', ['Ann', 'Cid'])|list|length", "[1, 0, 2]|select|list|tojson", "[1, 2, 3]|reject('odd')|list|tojson", "n|selectattr('a')|list|length", "d|items|list|tojson",
    "x is defined", "missing is defined", "missing is not defined", "not missing is defined", "n is none", "n is not none", "s is string", "l is string", "d is mapping", "l is mapping", "l is sequence", "s is iterable", "x is iterable", "x is number", "half is integer", "half is float", "yes is boolean", "yes is true", "yes is false", "x is odd", "x is even", "x is divisibleby 7", "x is divisibleby(2)", "x is eq 7", "x is ne(7)", "x is in l", "strftime_now is defined", "raise_exception is defined", "x is defined and n is none",
    "s.strip()", "s.lstrip() ~ '|'", "'|' ~ s.rstrip()", "'xxaxx'.strip('x')", "'a,b,c'.split(',')|tojson", "' a  b '.split()|tojson", "'a,b,c'.split(',', 1)|tojson", "'a,b,c'.rsplit(',', 1)|tojson", "'a</t>b'.split('</t>')[-1]", "s.startswith(' So')", "s.endswith('x')", "'ab'.startswith(('x', 'a'))", "'aBc'.upper() + 'aBc'.lower()", "'a b'.title()", "'a b'.capitalize()", "'aXbX'.replace('X', '-')", "'-'.join(['a', 'b'])", "s.find('caf')", "'abc'.find('z')", "'{}-{}'.format(1, 'b')",
    "range(3)|list|tojson", "range(1, 4)|list|tojson", "range(5, 0, -2)|list|tojson", "dict(a=1).a", "namespace(q=2).q", "'a' ~ -1", "x|string|length", "'a' + 'b'|upper", "not x > 3", "1 if x > 3 and not n else 2", "l[x - 5]", "d['it' ~ 'ems']", "users[0]['name'][0]", "s.strip().split(' ')[0]|upper", "(s|trim).split()[-1]",
]
STATEMENTS = [
    "a\n", "a\n\n", "\n a", "a\r\nb\rc", "{# c #}a", "a {#- c -#} b", "a\n  {# c #}\nb", "{% if x %}\n a\n{% endif %}\nb", "  {% if x %}  \n a\n\t{% endif %}\nb", "x {% if x %} y {% endif %} z", "a\n  {%- if x %} b{% endif -%}  \n c", "a\n  {%+ if x %}b{% endif %}", "{% if x +%}\nb{% endif %}", "a\n  {{ x }}\n b", "a\n  {{- x -}}\n b", "{{ x }}\n", "{% if x -%}\n\n  b {%- endif %}\n", "{{ '{{ }} {% %} {#' }}", "{{ {'a': {'b': 1}}.a.b }}", "a { b { c", "{% if x %}{% endif %}\n\na",
    "{{ x }}{#- a -#}\n\n{{ x }}", "{{ 'a\nb' }}", "{%if x%}y{%endif%}", "{{x}}{{-x}}", "  {#- a #}  \n  b", "{% set q = 1 %}\n{% set q = q + 1 %}\n{{ q }}", "{% set q = 1, 2 %}{{ q[1] }}", "{% set q %}a{{ x }}{% endset %}[{{ q }}]", "{% if n %}a{% elif x == 7 %}b{% elif x %}c{% else %}d{% endif %}", "{% if n %}a{% else %}b{% endif %}",
    "{% for i in l %}{{ i }}{% if not loop.last %},{% endif %}{% endfor %}", "{% for i in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }};{% endfor %}", "{% for i in l if i > 1 %}{{ i }}/{{ loop.length }} {% endfor %}", "{% for i in [] %}a{% else %}none{% endfor %}", "{% for i in missing %}a{% endfor %}b",
    "{% for k, v in d.items() %}{{ k }};{% endfor %}", "{% for k in d %}{{ k }};{% endfor %}", "{% for (a, b) in [[1, 2], [3, 4]] %}{{ a - b }}{% endfor %}", "{% for c in 'h\u00e9' %}{{ c }}.{% endfor %}", "{% for i in l %}{% if i == 1 %}{% continue %}{% endif %}{{ i }}{% endfor %}", "{% for i in l %}{{ i }}{% if i == 1 %}{% break %}{% endif %}{% endfor %}", "{% for i in l %}{{ loop.previtem }}<{{ i }}<{{ loop.nextitem }} {% endfor %}",
    "{% set q = 0 %}{% for i in l %}{% set q = q + i %}{{ q }} {% endfor %}{{ q }}", "{% set ns = namespace(q=0) %}{% for i in l %}{% set ns.q = ns.q + i %}{% endfor %}{{ ns.q }}", "{% set ns = namespace(a=1, b='x') %}{% set ns.c = ns.b ~ ns.a %}{{ ns.c }}", "{% if x %}{% set q = 1 %}{% endif %}{{ q }}", "{% for i in l %}{% for j in l %}{{ loop.index }}{% endfor %}{{ loop.index }} {% endfor %}",
    "{% macro m(a, b='z') %}{{ a }}{{ b }}{{ x }}{% endmacro %}{{ m(1) }} {{ m(1, 2) }} {{ m(b=3, a=4) }} {{ m() }}", "{% macro m(k) %}{% if k > 0 %}{{ k }}{{ m(k - 1) }}{% endif %}{% endmacro %}{{ m(4) }}", "{% set q = 1 %}{% macro m() %}{{ q }}{% endmacro %}{% set q = 2 %}{{ m() }}", "{% macro m(a) -%} [{{ a }}] {%- endmacro %}{{ m(m(1)) | upper }}", "{% generation %}a{{ x }}{% endgeneration %}b",
    "{% for u in users %}{% for k, v in u.items() %}{{ k }}={{ v }} {% endfor %}\n{% endfor %}", "{% set a = users | map(attribute='age') | list %}{{ a[0] }}{{ a[1] }}", "{{ 'y' if users[1].age is defined else 'n' }}", "{{ strftime_now('%d %b %Y|%B %A %y-%m %H:%M') }}", "{% for i in range(3) %}\n  {{ i }}\n{% endfor %}\n", "\u4f60{{ '\u597d' }}\n {% if x %}a{% endif %}",
]


def jinja():
    return [{'template': t, 'printed': render(t, **VARIABLES)} for t in ['{{ ' + e + ' }}' for e in EXPRESSIONS] + STATEMENTS]


if __name__ == '__main__':
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent
    (out / 'formats.json').write_text('[\n' + ',\n'.join(json.dumps(v) for v in formats()) + '\n]\n')
    (out / 'jinja.json').write_text('{"variables": ' + json.dumps(VARIABLES) + ',\n"cases": [\n' + ',\n'.join(json.dumps(v) for v in jinja()) + '\n]}\n')
