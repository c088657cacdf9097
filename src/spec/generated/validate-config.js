// Generated from schemas/ by scripts/generate-spec.ts. Do not edit.
"use strict";
export const validate = validate21;

function validate22(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.path === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "path"});
errors++;
}
for(const key0 in data){
if(!((key0 === "path") || (key0 === "readonly"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.path !== undefined){
let data0 = data.path;
if(typeof data0 === "string"){
if(data0.length < 1){
vErrors = add(vErrors, instancePath+"/path", "minLength", {limit: 1});
errors++;
}
}
else {
vErrors = add(vErrors, instancePath+"/path", "type", {type: "string"});
errors++;
}
}
if(data.readonly !== undefined){
if(typeof data.readonly !== "boolean"){
vErrors = add(vErrors, instancePath+"/readonly", "type", {type: "boolean"});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate22.errors = vErrors;
return errors === 0;
}


function validate25(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.height === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "height"});
errors++;
}
if(data.width === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "width"});
errors++;
}
for(const key0 in data){
if(!((key0 === "height") || (key0 === "width"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.height !== undefined){
let data0 = data.height;
if(!(((typeof data0 == "number") && (!(data0 % 1) && !isNaN(data0))) && (isFinite(data0)))){
vErrors = add(vErrors, instancePath+"/height", "type", {type: "integer"});
errors++;
}
if((typeof data0 == "number") && (isFinite(data0))){
if(data0 > 65535 || isNaN(data0)){
vErrors = add(vErrors, instancePath+"/height", "maximum", {comparison: "<=", limit: 65535});
errors++;
}
if(data0 < 0 || isNaN(data0)){
vErrors = add(vErrors, instancePath+"/height", "minimum", {comparison: ">=", limit: 0});
errors++;
}
}
}
if(data.width !== undefined){
let data1 = data.width;
if(!(((typeof data1 == "number") && (!(data1 % 1) && !isNaN(data1))) && (isFinite(data1)))){
vErrors = add(vErrors, instancePath+"/width", "type", {type: "integer"});
errors++;
}
if((typeof data1 == "number") && (isFinite(data1))){
if(data1 > 65535 || isNaN(data1)){
vErrors = add(vErrors, instancePath+"/width", "maximum", {comparison: "<=", limit: 65535});
errors++;
}
if(data1 < 0 || isNaN(data1)){
vErrors = add(vErrors, instancePath+"/width", "minimum", {comparison: ">=", limit: 0});
errors++;
}
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate25.errors = vErrors;
return errors === 0;
}


function validate28(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(!(((typeof data == "number") && (!(data % 1) && !isNaN(data))) && (isFinite(data)))){
vErrors = add(vErrors, instancePath, "type", {type: "integer"});
errors++;
}
if((typeof data == "number") && (isFinite(data))){
if(data > 4294967294 || isNaN(data)){
vErrors = add(vErrors, instancePath, "maximum", {comparison: "<=", limit: 4294967294});
errors++;
}
if(data < 0 || isNaN(data)){
vErrors = add(vErrors, instancePath, "minimum", {comparison: ">=", limit: 0});
errors++;
}
}
validate28.errors = vErrors;
return errors === 0;
}


function validate27(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(((((key0 === "uid") || (key0 === "gid")) || (key0 === "umask")) || (key0 === "additionalGids")) || (key0 === "username"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.uid !== undefined){
if(!(validate28(data.uid, {instancePath:instancePath+"/uid"}))){
vErrors = vErrors === null ? validate28.errors : vErrors.concat(validate28.errors);
errors = vErrors.length;
}
}
if(data.gid !== undefined){
if(!(validate28(data.gid, {instancePath:instancePath+"/gid"}))){
vErrors = vErrors === null ? validate28.errors : vErrors.concat(validate28.errors);
errors = vErrors.length;
}
}
if(data.umask !== undefined){
let data2 = data.umask;
if(!(((typeof data2 == "number") && (!(data2 % 1) && !isNaN(data2))) && (isFinite(data2)))){
vErrors = add(vErrors, instancePath+"/umask", "type", {type: "integer"});
errors++;
}
if((typeof data2 == "number") && (isFinite(data2))){
if(data2 > 511 || isNaN(data2)){
vErrors = add(vErrors, instancePath+"/umask", "maximum", {comparison: "<=", limit: 511});
errors++;
}
if(data2 < 0 || isNaN(data2)){
vErrors = add(vErrors, instancePath+"/umask", "minimum", {comparison: ">=", limit: 0});
errors++;
}
}
}
if(data.additionalGids !== undefined){
let data3 = data.additionalGids;
if(Array.isArray(data3)){
const len0 = data3.length;
for(let i0=0; i0<len0; i0++){
if(!(validate28(data3[i0], {instancePath:instancePath+"/additionalGids/" + i0}))){
vErrors = vErrors === null ? validate28.errors : vErrors.concat(validate28.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/additionalGids", "type", {type: "array"});
errors++;
}
}
if(data.username !== undefined){
if(typeof data.username !== "string"){
vErrors = add(vErrors, instancePath+"/username", "type", {type: "string"});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate27.errors = vErrors;
return errors === 0;
}


function validate33(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(Array.isArray(data)){
const len0 = data.length;
for(let i0=0; i0<len0; i0++){
if(typeof data[i0] !== "string"){
vErrors = add(vErrors, instancePath+"/" + i0, "type", {type: "string"});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "array"});
errors++;
}
validate33.errors = vErrors;
return errors === 0;
}


function validate38(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(typeof data !== "string"){
vErrors = add(vErrors, instancePath, "type", {type: "string"});
errors++;
}
if(!(((((((((((((((((((((((((((((((((((((((((data === "CAP_AUDIT_CONTROL") || (data === "CAP_AUDIT_READ")) || (data === "CAP_AUDIT_WRITE")) || (data === "CAP_BLOCK_SUSPEND")) || (data === "CAP_BPF")) || (data === "CAP_CHECKPOINT_RESTORE")) || (data === "CAP_CHOWN")) || (data === "CAP_DAC_OVERRIDE")) || (data === "CAP_DAC_READ_SEARCH")) || (data === "CAP_FOWNER")) || (data === "CAP_FSETID")) || (data === "CAP_IPC_LOCK")) || (data === "CAP_IPC_OWNER")) || (data === "CAP_KILL")) || (data === "CAP_LEASE")) || (data === "CAP_LINUX_IMMUTABLE")) || (data === "CAP_MAC_ADMIN")) || (data === "CAP_MAC_OVERRIDE")) || (data === "CAP_MKNOD")) || (data === "CAP_NET_ADMIN")) || (data === "CAP_NET_BIND_SERVICE")) || (data === "CAP_NET_BROADCAST")) || (data === "CAP_NET_RAW")) || (data === "CAP_PERFMON")) || (data === "CAP_SETFCAP")) || (data === "CAP_SETGID")) || (data === "CAP_SETPCAP")) || (data === "CAP_SETUID")) || (data === "CAP_SYS_ADMIN")) || (data === "CAP_SYS_BOOT")) || (data === "CAP_SYS_CHROOT")) || (data === "CAP_SYS_MODULE")) || (data === "CAP_SYS_NICE")) || (data === "CAP_SYS_PACCT")) || (data === "CAP_SYS_PTRACE")) || (data === "CAP_SYS_RAWIO")) || (data === "CAP_SYS_RESOURCE")) || (data === "CAP_SYS_TIME")) || (data === "CAP_SYS_TTY_CONFIG")) || (data === "CAP_SYSLOG")) || (data === "CAP_WAKE_ALARM"))){
vErrors = add(vErrors, instancePath, "enum", {allowedValues: schema().definitions.CapabilityName.enum});
errors++;
}
validate38.errors = vErrors;
return errors === 0;
}


function validate37(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(Array.isArray(data)){
const len0 = data.length;
for(let i0=0; i0<len0; i0++){
if(!(validate38(data[i0], {instancePath:instancePath+"/" + i0}))){
vErrors = vErrors === null ? validate38.errors : vErrors.concat(validate38.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "array"});
errors++;
}
validate37.errors = vErrors;
return errors === 0;
}


function validate36(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(((((key0 === "bounding") || (key0 === "effective")) || (key0 === "inheritable")) || (key0 === "permitted")) || (key0 === "ambient"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.bounding !== undefined){
if(!(validate37(data.bounding, {instancePath:instancePath+"/bounding"}))){
vErrors = vErrors === null ? validate37.errors : vErrors.concat(validate37.errors);
errors = vErrors.length;
}
}
if(data.effective !== undefined){
if(!(validate37(data.effective, {instancePath:instancePath+"/effective"}))){
vErrors = vErrors === null ? validate37.errors : vErrors.concat(validate37.errors);
errors = vErrors.length;
}
}
if(data.inheritable !== undefined){
if(!(validate37(data.inheritable, {instancePath:instancePath+"/inheritable"}))){
vErrors = vErrors === null ? validate37.errors : vErrors.concat(validate37.errors);
errors = vErrors.length;
}
}
if(data.permitted !== undefined){
if(!(validate37(data.permitted, {instancePath:instancePath+"/permitted"}))){
vErrors = vErrors === null ? validate37.errors : vErrors.concat(validate37.errors);
errors = vErrors.length;
}
}
if(data.ambient !== undefined){
if(!(validate37(data.ambient, {instancePath:instancePath+"/ambient"}))){
vErrors = vErrors === null ? validate37.errors : vErrors.concat(validate37.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate36.errors = vErrors;
return errors === 0;
}


function validate47(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(typeof data !== "string"){
vErrors = add(vErrors, instancePath, "type", {type: "string"});
errors++;
}
if(!((((((((((((((((data === "RLIMIT_AS") || (data === "RLIMIT_CORE")) || (data === "RLIMIT_CPU")) || (data === "RLIMIT_DATA")) || (data === "RLIMIT_FSIZE")) || (data === "RLIMIT_LOCKS")) || (data === "RLIMIT_MEMLOCK")) || (data === "RLIMIT_MSGQUEUE")) || (data === "RLIMIT_NICE")) || (data === "RLIMIT_NOFILE")) || (data === "RLIMIT_NPROC")) || (data === "RLIMIT_RSS")) || (data === "RLIMIT_RTPRIO")) || (data === "RLIMIT_RTTIME")) || (data === "RLIMIT_SIGPENDING")) || (data === "RLIMIT_STACK"))){
vErrors = add(vErrors, instancePath, "enum", {allowedValues: schema().definitions.RlimitName.enum});
errors++;
}
validate47.errors = vErrors;
return errors === 0;
}


function validate49(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(!(((typeof data == "number") && (!(data % 1) && !isNaN(data))) && (isFinite(data)))){
vErrors = add(vErrors, instancePath, "type", {type: "integer"});
errors++;
}
if((typeof data == "number") && (isFinite(data))){
if(data > 18446744073709552000 || isNaN(data)){
vErrors = add(vErrors, instancePath, "maximum", {comparison: "<=", limit: 18446744073709552000});
errors++;
}
if(data < 0 || isNaN(data)){
vErrors = add(vErrors, instancePath, "minimum", {comparison: ">=", limit: 0});
errors++;
}
}
validate49.errors = vErrors;
return errors === 0;
}


function validate46(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.type === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "type"});
errors++;
}
if(data.soft === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "soft"});
errors++;
}
if(data.hard === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "hard"});
errors++;
}
for(const key0 in data){
if(!(((key0 === "type") || (key0 === "soft")) || (key0 === "hard"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.type !== undefined){
if(!(validate47(data.type, {instancePath:instancePath+"/type"}))){
vErrors = vErrors === null ? validate47.errors : vErrors.concat(validate47.errors);
errors = vErrors.length;
}
}
if(data.soft !== undefined){
if(!(validate49(data.soft, {instancePath:instancePath+"/soft"}))){
vErrors = vErrors === null ? validate49.errors : vErrors.concat(validate49.errors);
errors = vErrors.length;
}
}
if(data.hard !== undefined){
if(!(validate49(data.hard, {instancePath:instancePath+"/hard"}))){
vErrors = vErrors === null ? validate49.errors : vErrors.concat(validate49.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate46.errors = vErrors;
return errors === 0;
}


function validate54(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(!(((typeof data == "number") && (!(data % 1) && !isNaN(data))) && (isFinite(data)))){
vErrors = add(vErrors, instancePath, "type", {type: "integer"});
errors++;
}
if((typeof data == "number") && (isFinite(data))){
if(data > 2147483647 || isNaN(data)){
vErrors = add(vErrors, instancePath, "maximum", {comparison: "<=", limit: 2147483647});
errors++;
}
if(data < -2147483648 || isNaN(data)){
vErrors = add(vErrors, instancePath, "minimum", {comparison: ">=", limit: -2147483648});
errors++;
}
}
validate54.errors = vErrors;
return errors === 0;
}


function validate57(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(!(((typeof data == "number") && (!(data % 1) && !isNaN(data))) && (isFinite(data)))){
vErrors = add(vErrors, instancePath, "type", {type: "integer"});
errors++;
}
if((typeof data == "number") && (isFinite(data))){
if(data > 9007199254740991 || isNaN(data)){
vErrors = add(vErrors, instancePath, "maximum", {comparison: "<=", limit: 9007199254740991});
errors++;
}
if(data < 0 || isNaN(data)){
vErrors = add(vErrors, instancePath, "minimum", {comparison: ">=", limit: 0});
errors++;
}
}
validate57.errors = vErrors;
return errors === 0;
}


function validate53(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.policy === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "policy"});
errors++;
}
for(const key0 in data){
if(!(((((((key0 === "policy") || (key0 === "nice")) || (key0 === "priority")) || (key0 === "flags")) || (key0 === "runtime")) || (key0 === "deadline")) || (key0 === "period"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.policy !== undefined){
let data0 = data.policy;
if(typeof data0 !== "string"){
vErrors = add(vErrors, instancePath+"/policy", "type", {type: "string"});
errors++;
}
if(!(((((((data0 === "SCHED_OTHER") || (data0 === "SCHED_FIFO")) || (data0 === "SCHED_RR")) || (data0 === "SCHED_BATCH")) || (data0 === "SCHED_ISO")) || (data0 === "SCHED_IDLE")) || (data0 === "SCHED_DEADLINE"))){
vErrors = add(vErrors, instancePath+"/policy", "enum", {allowedValues: schema().definitions.Scheduler.properties.policy.enum});
errors++;
}
}
if(data.nice !== undefined){
if(!(validate54(data.nice, {instancePath:instancePath+"/nice"}))){
vErrors = vErrors === null ? validate54.errors : vErrors.concat(validate54.errors);
errors = vErrors.length;
}
}
if(data.priority !== undefined){
if(!(validate54(data.priority, {instancePath:instancePath+"/priority"}))){
vErrors = vErrors === null ? validate54.errors : vErrors.concat(validate54.errors);
errors = vErrors.length;
}
}
if(data.flags !== undefined){
let data3 = data.flags;
if(Array.isArray(data3)){
const len0 = data3.length;
for(let i0=0; i0<len0; i0++){
let data4 = data3[i0];
if(typeof data4 !== "string"){
vErrors = add(vErrors, instancePath+"/flags/" + i0, "type", {type: "string"});
errors++;
}
if(!(((((((data4 === "SCHED_FLAG_RESET_ON_FORK") || (data4 === "SCHED_FLAG_RECLAIM")) || (data4 === "SCHED_FLAG_DL_OVERRUN")) || (data4 === "SCHED_FLAG_KEEP_POLICY")) || (data4 === "SCHED_FLAG_KEEP_PARAMS")) || (data4 === "SCHED_FLAG_UTIL_CLAMP_MIN")) || (data4 === "SCHED_FLAG_UTIL_CLAMP_MAX"))){
vErrors = add(vErrors, instancePath+"/flags/" + i0, "enum", {allowedValues: schema().definitions.Scheduler.properties.flags.items.enum});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/flags", "type", {type: "array"});
errors++;
}
}
if(data.runtime !== undefined){
if(!(validate57(data.runtime, {instancePath:instancePath+"/runtime"}))){
vErrors = vErrors === null ? validate57.errors : vErrors.concat(validate57.errors);
errors = vErrors.length;
}
}
if(data.deadline !== undefined){
if(!(validate57(data.deadline, {instancePath:instancePath+"/deadline"}))){
vErrors = vErrors === null ? validate57.errors : vErrors.concat(validate57.errors);
errors = vErrors.length;
}
}
if(data.period !== undefined){
if(!(validate57(data.period, {instancePath:instancePath+"/period"}))){
vErrors = vErrors === null ? validate57.errors : vErrors.concat(validate57.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate53.errors = vErrors;
return errors === 0;
}


function validate62(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.class === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "class"});
errors++;
}
for(const key0 in data){
if(!((key0 === "class") || (key0 === "priority"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.class !== undefined){
let data0 = data.class;
if(typeof data0 !== "string"){
vErrors = add(vErrors, instancePath+"/class", "type", {type: "string"});
errors++;
}
if(!(((data0 === "IOPRIO_CLASS_RT") || (data0 === "IOPRIO_CLASS_BE")) || (data0 === "IOPRIO_CLASS_IDLE"))){
vErrors = add(vErrors, instancePath+"/class", "enum", {allowedValues: schema().definitions.IoPriority.properties.class.enum});
errors++;
}
}
if(data.priority !== undefined){
let data1 = data.priority;
if(!(((typeof data1 == "number") && (!(data1 % 1) && !isNaN(data1))) && (isFinite(data1)))){
vErrors = add(vErrors, instancePath+"/priority", "type", {type: "integer"});
errors++;
}
if((typeof data1 == "number") && (isFinite(data1))){
if(data1 > 7 || isNaN(data1)){
vErrors = add(vErrors, instancePath+"/priority", "maximum", {comparison: "<=", limit: 7});
errors++;
}
if(data1 < 0 || isNaN(data1)){
vErrors = add(vErrors, instancePath+"/priority", "minimum", {comparison: ">=", limit: 0});
errors++;
}
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate62.errors = vErrors;
return errors === 0;
}

const pattern1 = new RegExp("^[0-9,:/\\s-]*$", "u");

function validate65(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(typeof data === "string"){
if(!pattern1.test(data)){
vErrors = add(vErrors, instancePath, "pattern", {pattern: "^[0-9,:/\\s-]*$"});
errors++;
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "string"});
errors++;
}
validate65.errors = vErrors;
return errors === 0;
}


function validate64(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!((key0 === "initial") || (key0 === "final"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.initial !== undefined){
if(!(validate65(data.initial, {instancePath:instancePath+"/initial"}))){
vErrors = vErrors === null ? validate65.errors : vErrors.concat(validate65.errors);
errors = vErrors.length;
}
}
if(data.final !== undefined){
if(!(validate65(data.final, {instancePath:instancePath+"/final"}))){
vErrors = vErrors === null ? validate65.errors : vErrors.concat(validate65.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate64.errors = vErrors;
return errors === 0;
}

const pattern0 = new RegExp("^/", "u");

function validate24(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.cwd === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "cwd"});
errors++;
}
for(const key0 in data){
if(!(["terminal","consoleSize","user","cwd","args","commandLine","env","capabilities","rlimits","noNewPrivileges","apparmorProfile","selinuxLabel","oomScoreAdj","scheduler","ioPriority","execCPUAffinity"].includes(key0))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.terminal !== undefined){
if(typeof data.terminal !== "boolean"){
vErrors = add(vErrors, instancePath+"/terminal", "type", {type: "boolean"});
errors++;
}
}
if(data.consoleSize !== undefined){
if(!(validate25(data.consoleSize, {instancePath:instancePath+"/consoleSize"}))){
vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
errors = vErrors.length;
}
}
if(data.user !== undefined){
if(!(validate27(data.user, {instancePath:instancePath+"/user"}))){
vErrors = vErrors === null ? validate27.errors : vErrors.concat(validate27.errors);
errors = vErrors.length;
}
}
if(data.cwd !== undefined){
let data3 = data.cwd;
if(typeof data3 === "string"){
if(!pattern0.test(data3)){
vErrors = add(vErrors, instancePath+"/cwd", "pattern", {pattern: "^/"});
errors++;
}
}
else {
vErrors = add(vErrors, instancePath+"/cwd", "type", {type: "string"});
errors++;
}
}
if(data.args !== undefined){
if(!(validate33(data.args, {instancePath:instancePath+"/args"}))){
vErrors = vErrors === null ? validate33.errors : vErrors.concat(validate33.errors);
errors = vErrors.length;
}
}
if(data.commandLine !== undefined){
if(typeof data.commandLine !== "string"){
vErrors = add(vErrors, instancePath+"/commandLine", "type", {type: "string"});
errors++;
}
}
if(data.env !== undefined){
if(!(validate33(data.env, {instancePath:instancePath+"/env"}))){
vErrors = vErrors === null ? validate33.errors : vErrors.concat(validate33.errors);
errors = vErrors.length;
}
}
if(data.capabilities !== undefined){
if(!(validate36(data.capabilities, {instancePath:instancePath+"/capabilities"}))){
vErrors = vErrors === null ? validate36.errors : vErrors.concat(validate36.errors);
errors = vErrors.length;
}
}
if(data.rlimits !== undefined){
let data8 = data.rlimits;
if(Array.isArray(data8)){
const len0 = data8.length;
for(let i0=0; i0<len0; i0++){
if(!(validate46(data8[i0], {instancePath:instancePath+"/rlimits/" + i0}))){
vErrors = vErrors === null ? validate46.errors : vErrors.concat(validate46.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/rlimits", "type", {type: "array"});
errors++;
}
}
if(data.noNewPrivileges !== undefined){
if(typeof data.noNewPrivileges !== "boolean"){
vErrors = add(vErrors, instancePath+"/noNewPrivileges", "type", {type: "boolean"});
errors++;
}
}
if(data.apparmorProfile !== undefined){
if(typeof data.apparmorProfile !== "string"){
vErrors = add(vErrors, instancePath+"/apparmorProfile", "type", {type: "string"});
errors++;
}
}
if(data.selinuxLabel !== undefined){
if(typeof data.selinuxLabel !== "string"){
vErrors = add(vErrors, instancePath+"/selinuxLabel", "type", {type: "string"});
errors++;
}
}
if(data.oomScoreAdj !== undefined){
let data13 = data.oomScoreAdj;
if(!(((typeof data13 == "number") && (!(data13 % 1) && !isNaN(data13))) && (isFinite(data13)))){
vErrors = add(vErrors, instancePath+"/oomScoreAdj", "type", {type: "integer"});
errors++;
}
if((typeof data13 == "number") && (isFinite(data13))){
if(data13 > 1000 || isNaN(data13)){
vErrors = add(vErrors, instancePath+"/oomScoreAdj", "maximum", {comparison: "<=", limit: 1000});
errors++;
}
if(data13 < -1000 || isNaN(data13)){
vErrors = add(vErrors, instancePath+"/oomScoreAdj", "minimum", {comparison: ">=", limit: -1000});
errors++;
}
}
}
if(data.scheduler !== undefined){
if(!(validate53(data.scheduler, {instancePath:instancePath+"/scheduler"}))){
vErrors = vErrors === null ? validate53.errors : vErrors.concat(validate53.errors);
errors = vErrors.length;
}
}
if(data.ioPriority !== undefined){
if(!(validate62(data.ioPriority, {instancePath:instancePath+"/ioPriority"}))){
vErrors = vErrors === null ? validate62.errors : vErrors.concat(validate62.errors);
errors = vErrors.length;
}
}
if(data.execCPUAffinity !== undefined){
if(!(validate64(data.execCPUAffinity, {instancePath:instancePath+"/execCPUAffinity"}))){
vErrors = vErrors === null ? validate64.errors : vErrors.concat(validate64.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate24.errors = vErrors;
return errors === 0;
}


function validate73(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(!(((typeof data == "number") && (!(data % 1) && !isNaN(data))) && (isFinite(data)))){
vErrors = add(vErrors, instancePath, "type", {type: "integer"});
errors++;
}
if((typeof data == "number") && (isFinite(data))){
if(data > 4294967295 || isNaN(data)){
vErrors = add(vErrors, instancePath, "maximum", {comparison: "<=", limit: 4294967295});
errors++;
}
if(data < 0 || isNaN(data)){
vErrors = add(vErrors, instancePath, "minimum", {comparison: ">=", limit: 0});
errors++;
}
}
validate73.errors = vErrors;
return errors === 0;
}


function validate72(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.containerID === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "containerID"});
errors++;
}
if(data.hostID === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "hostID"});
errors++;
}
if(data.size === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "size"});
errors++;
}
for(const key0 in data){
if(!(((key0 === "containerID") || (key0 === "hostID")) || (key0 === "size"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.containerID !== undefined){
if(!(validate73(data.containerID, {instancePath:instancePath+"/containerID"}))){
vErrors = vErrors === null ? validate73.errors : vErrors.concat(validate73.errors);
errors = vErrors.length;
}
}
if(data.hostID !== undefined){
if(!(validate73(data.hostID, {instancePath:instancePath+"/hostID"}))){
vErrors = vErrors === null ? validate73.errors : vErrors.concat(validate73.errors);
errors = vErrors.length;
}
}
if(data.size !== undefined){
if(!(validate73(data.size, {instancePath:instancePath+"/size"}))){
vErrors = vErrors === null ? validate73.errors : vErrors.concat(validate73.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate72.errors = vErrors;
return errors === 0;
}


function validate70(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.destination === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "destination"});
errors++;
}
for(const key0 in data){
if(!((((((key0 === "destination") || (key0 === "type")) || (key0 === "source")) || (key0 === "options")) || (key0 === "uidMappings")) || (key0 === "gidMappings"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.destination !== undefined){
let data0 = data.destination;
if(typeof data0 === "string"){
if(data0.length < 1){
vErrors = add(vErrors, instancePath+"/destination", "minLength", {limit: 1});
errors++;
}
}
else {
vErrors = add(vErrors, instancePath+"/destination", "type", {type: "string"});
errors++;
}
}
if(data.type !== undefined){
if(typeof data.type !== "string"){
vErrors = add(vErrors, instancePath+"/type", "type", {type: "string"});
errors++;
}
}
if(data.source !== undefined){
if(typeof data.source !== "string"){
vErrors = add(vErrors, instancePath+"/source", "type", {type: "string"});
errors++;
}
}
if(data.options !== undefined){
if(!(validate33(data.options, {instancePath:instancePath+"/options"}))){
vErrors = vErrors === null ? validate33.errors : vErrors.concat(validate33.errors);
errors = vErrors.length;
}
}
if(data.uidMappings !== undefined){
let data4 = data.uidMappings;
if(Array.isArray(data4)){
const len0 = data4.length;
for(let i0=0; i0<len0; i0++){
if(!(validate72(data4[i0], {instancePath:instancePath+"/uidMappings/" + i0}))){
vErrors = vErrors === null ? validate72.errors : vErrors.concat(validate72.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/uidMappings", "type", {type: "array"});
errors++;
}
}
if(data.gidMappings !== undefined){
let data6 = data.gidMappings;
if(Array.isArray(data6)){
const len1 = data6.length;
for(let i1=0; i1<len1; i1++){
if(!(validate72(data6[i1], {instancePath:instancePath+"/gidMappings/" + i1}))){
vErrors = vErrors === null ? validate72.errors : vErrors.concat(validate72.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/gidMappings", "type", {type: "array"});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate70.errors = vErrors;
return errors === 0;
}


function validate83(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(typeof data === "string"){
if(!pattern0.test(data)){
vErrors = add(vErrors, instancePath, "pattern", {pattern: "^/"});
errors++;
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "string"});
errors++;
}
validate83.errors = vErrors;
return errors === 0;
}


function validate82(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.path === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "path"});
errors++;
}
for(const key0 in data){
if(!((((key0 === "path") || (key0 === "args")) || (key0 === "env")) || (key0 === "timeout"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.path !== undefined){
if(!(validate83(data.path, {instancePath:instancePath+"/path"}))){
vErrors = vErrors === null ? validate83.errors : vErrors.concat(validate83.errors);
errors = vErrors.length;
}
}
if(data.args !== undefined){
if(!(validate33(data.args, {instancePath:instancePath+"/args"}))){
vErrors = vErrors === null ? validate33.errors : vErrors.concat(validate33.errors);
errors = vErrors.length;
}
}
if(data.env !== undefined){
if(!(validate33(data.env, {instancePath:instancePath+"/env"}))){
vErrors = vErrors === null ? validate33.errors : vErrors.concat(validate33.errors);
errors = vErrors.length;
}
}
if(data.timeout !== undefined){
let data3 = data.timeout;
if(!(((typeof data3 == "number") && (!(data3 % 1) && !isNaN(data3))) && (isFinite(data3)))){
vErrors = add(vErrors, instancePath+"/timeout", "type", {type: "integer"});
errors++;
}
if((typeof data3 == "number") && (isFinite(data3))){
if(data3 > 2147483647 || isNaN(data3)){
vErrors = add(vErrors, instancePath+"/timeout", "maximum", {comparison: "<=", limit: 2147483647});
errors++;
}
if(data3 < 1 || isNaN(data3)){
vErrors = add(vErrors, instancePath+"/timeout", "minimum", {comparison: ">=", limit: 1});
errors++;
}
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate82.errors = vErrors;
return errors === 0;
}


function validate81(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(Array.isArray(data)){
const len0 = data.length;
for(let i0=0; i0<len0; i0++){
if(!(validate82(data[i0], {instancePath:instancePath+"/" + i0}))){
vErrors = vErrors === null ? validate82.errors : vErrors.concat(validate82.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "array"});
errors++;
}
validate81.errors = vErrors;
return errors === 0;
}


function validate80(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!((((((key0 === "prestart") || (key0 === "createRuntime")) || (key0 === "createContainer")) || (key0 === "startContainer")) || (key0 === "poststart")) || (key0 === "poststop"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.prestart !== undefined){
if(!(validate81(data.prestart, {instancePath:instancePath+"/prestart"}))){
vErrors = vErrors === null ? validate81.errors : vErrors.concat(validate81.errors);
errors = vErrors.length;
}
}
if(data.createRuntime !== undefined){
if(!(validate81(data.createRuntime, {instancePath:instancePath+"/createRuntime"}))){
vErrors = vErrors === null ? validate81.errors : vErrors.concat(validate81.errors);
errors = vErrors.length;
}
}
if(data.createContainer !== undefined){
if(!(validate81(data.createContainer, {instancePath:instancePath+"/createContainer"}))){
vErrors = vErrors === null ? validate81.errors : vErrors.concat(validate81.errors);
errors = vErrors.length;
}
}
if(data.startContainer !== undefined){
if(!(validate81(data.startContainer, {instancePath:instancePath+"/startContainer"}))){
vErrors = vErrors === null ? validate81.errors : vErrors.concat(validate81.errors);
errors = vErrors.length;
}
}
if(data.poststart !== undefined){
if(!(validate81(data.poststart, {instancePath:instancePath+"/poststart"}))){
vErrors = vErrors === null ? validate81.errors : vErrors.concat(validate81.errors);
errors = vErrors.length;
}
}
if(data.poststop !== undefined){
if(!(validate81(data.poststop, {instancePath:instancePath+"/poststop"}))){
vErrors = vErrors === null ? validate81.errors : vErrors.concat(validate81.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate80.errors = vErrors;
return errors === 0;
}


function validate97(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(typeof data !== "string"){
vErrors = add(vErrors, instancePath, "type", {type: "string"});
errors++;
}
if(!((((((((data === "pid") || (data === "network")) || (data === "mount")) || (data === "ipc")) || (data === "uts")) || (data === "user")) || (data === "cgroup")) || (data === "time"))){
vErrors = add(vErrors, instancePath, "enum", {allowedValues: schema().definitions.NamespaceType.enum});
errors++;
}
validate97.errors = vErrors;
return errors === 0;
}

const pattern3 = new RegExp("^(/|$)", "u");

function validate96(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.type === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "type"});
errors++;
}
for(const key0 in data){
if(!((key0 === "type") || (key0 === "path"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.type !== undefined){
if(!(validate97(data.type, {instancePath:instancePath+"/type"}))){
vErrors = vErrors === null ? validate97.errors : vErrors.concat(validate97.errors);
errors = vErrors.length;
}
}
if(data.path !== undefined){
let data1 = data.path;
if(typeof data1 === "string"){
if(!pattern3.test(data1)){
vErrors = add(vErrors, instancePath+"/path", "pattern", {pattern: "^(/|$)"});
errors++;
}
}
else {
vErrors = add(vErrors, instancePath+"/path", "type", {type: "string"});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate96.errors = vErrors;
return errors === 0;
}


function validate103(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(!(((typeof data == "number") && (!(data % 1) && !isNaN(data))) && (isFinite(data)))){
vErrors = add(vErrors, instancePath, "type", {type: "integer"});
errors++;
}
if((typeof data == "number") && (isFinite(data))){
if(data > 9007199254740991 || isNaN(data)){
vErrors = add(vErrors, instancePath, "maximum", {comparison: "<=", limit: 9007199254740991});
errors++;
}
if(data < -9007199254740991 || isNaN(data)){
vErrors = add(vErrors, instancePath, "minimum", {comparison: ">=", limit: -9007199254740991});
errors++;
}
}
validate103.errors = vErrors;
return errors === 0;
}


function validate102(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!((key0 === "secs") || (key0 === "nanosecs"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.secs !== undefined){
if(!(validate103(data.secs, {instancePath:instancePath+"/secs"}))){
vErrors = vErrors === null ? validate103.errors : vErrors.concat(validate103.errors);
errors = vErrors.length;
}
}
if(data.nanosecs !== undefined){
let data1 = data.nanosecs;
if(!(((typeof data1 == "number") && (!(data1 % 1) && !isNaN(data1))) && (isFinite(data1)))){
vErrors = add(vErrors, instancePath+"/nanosecs", "type", {type: "integer"});
errors++;
}
if((typeof data1 == "number") && (isFinite(data1))){
if(data1 > 999999999 || isNaN(data1)){
vErrors = add(vErrors, instancePath+"/nanosecs", "maximum", {comparison: "<=", limit: 999999999});
errors++;
}
if(data1 < 0 || isNaN(data1)){
vErrors = add(vErrors, instancePath+"/nanosecs", "minimum", {comparison: ">=", limit: 0});
errors++;
}
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate102.errors = vErrors;
return errors === 0;
}


function validate107(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.type === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "type"});
errors++;
}
if(data.path === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "path"});
errors++;
}
for(const key0 in data){
if(!(((((((key0 === "type") || (key0 === "path")) || (key0 === "major")) || (key0 === "minor")) || (key0 === "fileMode")) || (key0 === "uid")) || (key0 === "gid"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.type !== undefined){
let data0 = data.type;
if(typeof data0 !== "string"){
vErrors = add(vErrors, instancePath+"/type", "type", {type: "string"});
errors++;
}
if(!((((data0 === "c") || (data0 === "b")) || (data0 === "u")) || (data0 === "p"))){
vErrors = add(vErrors, instancePath+"/type", "enum", {allowedValues: schema().definitions.Device.properties.type.enum});
errors++;
}
}
if(data.path !== undefined){
if(!(validate83(data.path, {instancePath:instancePath+"/path"}))){
vErrors = vErrors === null ? validate83.errors : vErrors.concat(validate83.errors);
errors = vErrors.length;
}
}
if(data.major !== undefined){
if(!(validate103(data.major, {instancePath:instancePath+"/major"}))){
vErrors = vErrors === null ? validate103.errors : vErrors.concat(validate103.errors);
errors = vErrors.length;
}
}
if(data.minor !== undefined){
if(!(validate103(data.minor, {instancePath:instancePath+"/minor"}))){
vErrors = vErrors === null ? validate103.errors : vErrors.concat(validate103.errors);
errors = vErrors.length;
}
}
if(data.fileMode !== undefined){
if(!(validate73(data.fileMode, {instancePath:instancePath+"/fileMode"}))){
vErrors = vErrors === null ? validate73.errors : vErrors.concat(validate73.errors);
errors = vErrors.length;
}
}
if(data.uid !== undefined){
if(!(validate28(data.uid, {instancePath:instancePath+"/uid"}))){
vErrors = vErrors === null ? validate28.errors : vErrors.concat(validate28.errors);
errors = vErrors.length;
}
}
if(data.gid !== undefined){
if(!(validate28(data.gid, {instancePath:instancePath+"/gid"}))){
vErrors = vErrors === null ? validate28.errors : vErrors.concat(validate28.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate107.errors = vErrors;
return errors === 0;
}


function validate115(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(key0 === "name")){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.name !== undefined){
if(typeof data.name !== "string"){
vErrors = add(vErrors, instancePath+"/name", "type", {type: "string"});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate115.errors = vErrors;
return errors === 0;
}

const pattern4 = new RegExp("^([rwm]+a?)?$", "u");

function validate118(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.allow === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "allow"});
errors++;
}
for(const key0 in data){
if(!(((((key0 === "allow") || (key0 === "type")) || (key0 === "major")) || (key0 === "minor")) || (key0 === "access"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.allow !== undefined){
if(typeof data.allow !== "boolean"){
vErrors = add(vErrors, instancePath+"/allow", "type", {type: "boolean"});
errors++;
}
}
if(data.type !== undefined){
let data1 = data.type;
if(typeof data1 !== "string"){
vErrors = add(vErrors, instancePath+"/type", "type", {type: "string"});
errors++;
}
if(!((((data1 === "") || (data1 === "a")) || (data1 === "b")) || (data1 === "c"))){
vErrors = add(vErrors, instancePath+"/type", "enum", {allowedValues: schema().definitions.DeviceRule.properties.type.enum});
errors++;
}
}
if(data.major !== undefined){
if(!(validate103(data.major, {instancePath:instancePath+"/major"}))){
vErrors = vErrors === null ? validate103.errors : vErrors.concat(validate103.errors);
errors = vErrors.length;
}
}
if(data.minor !== undefined){
if(!(validate103(data.minor, {instancePath:instancePath+"/minor"}))){
vErrors = vErrors === null ? validate103.errors : vErrors.concat(validate103.errors);
errors = vErrors.length;
}
}
if(data.access !== undefined){
let data4 = data.access;
if(typeof data4 === "string"){
if(!pattern4.test(data4)){
vErrors = add(vErrors, instancePath+"/access", "pattern", {pattern: "^([rwm]+a?)?$"});
errors++;
}
}
else {
vErrors = add(vErrors, instancePath+"/access", "type", {type: "string"});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate118.errors = vErrors;
return errors === 0;
}


function validate123(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(!(((typeof data == "number") && (!(data % 1) && !isNaN(data))) && (isFinite(data)))){
vErrors = add(vErrors, instancePath, "type", {type: "integer"});
errors++;
}
if((typeof data == "number") && (isFinite(data))){
if(data > 9223372036854776000 || isNaN(data)){
vErrors = add(vErrors, instancePath, "maximum", {comparison: "<=", limit: 9223372036854776000});
errors++;
}
if(data < -1 || isNaN(data)){
vErrors = add(vErrors, instancePath, "minimum", {comparison: ">=", limit: -1});
errors++;
}
}
validate123.errors = vErrors;
return errors === 0;
}


function validate122(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(["limit","reservation","swap","kernel","kernelTCP","swappiness","disableOOMKiller","useHierarchy","checkBeforeUpdate"].includes(key0))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.limit !== undefined){
if(!(validate123(data.limit, {instancePath:instancePath+"/limit"}))){
vErrors = vErrors === null ? validate123.errors : vErrors.concat(validate123.errors);
errors = vErrors.length;
}
}
if(data.reservation !== undefined){
if(!(validate123(data.reservation, {instancePath:instancePath+"/reservation"}))){
vErrors = vErrors === null ? validate123.errors : vErrors.concat(validate123.errors);
errors = vErrors.length;
}
}
if(data.swap !== undefined){
if(!(validate123(data.swap, {instancePath:instancePath+"/swap"}))){
vErrors = vErrors === null ? validate123.errors : vErrors.concat(validate123.errors);
errors = vErrors.length;
}
}
if(data.kernel !== undefined){
if(!(validate123(data.kernel, {instancePath:instancePath+"/kernel"}))){
vErrors = vErrors === null ? validate123.errors : vErrors.concat(validate123.errors);
errors = vErrors.length;
}
}
if(data.kernelTCP !== undefined){
if(!(validate123(data.kernelTCP, {instancePath:instancePath+"/kernelTCP"}))){
vErrors = vErrors === null ? validate123.errors : vErrors.concat(validate123.errors);
errors = vErrors.length;
}
}
if(data.swappiness !== undefined){
let data5 = data.swappiness;
if(!(((typeof data5 == "number") && (!(data5 % 1) && !isNaN(data5))) && (isFinite(data5)))){
vErrors = add(vErrors, instancePath+"/swappiness", "type", {type: "integer"});
errors++;
}
if((typeof data5 == "number") && (isFinite(data5))){
if(data5 > 100 || isNaN(data5)){
vErrors = add(vErrors, instancePath+"/swappiness", "maximum", {comparison: "<=", limit: 100});
errors++;
}
if(data5 < 0 || isNaN(data5)){
vErrors = add(vErrors, instancePath+"/swappiness", "minimum", {comparison: ">=", limit: 0});
errors++;
}
}
}
if(data.disableOOMKiller !== undefined){
if(typeof data.disableOOMKiller !== "boolean"){
vErrors = add(vErrors, instancePath+"/disableOOMKiller", "type", {type: "boolean"});
errors++;
}
}
if(data.useHierarchy !== undefined){
if(typeof data.useHierarchy !== "boolean"){
vErrors = add(vErrors, instancePath+"/useHierarchy", "type", {type: "boolean"});
errors++;
}
}
if(data.checkBeforeUpdate !== undefined){
if(typeof data.checkBeforeUpdate !== "boolean"){
vErrors = add(vErrors, instancePath+"/checkBeforeUpdate", "type", {type: "boolean"});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate122.errors = vErrors;
return errors === 0;
}


function validate130(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(["shares","quota","burst","period","realtimeRuntime","realtimePeriod","cpus","mems","idle"].includes(key0))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.shares !== undefined){
if(!(validate57(data.shares, {instancePath:instancePath+"/shares"}))){
vErrors = vErrors === null ? validate57.errors : vErrors.concat(validate57.errors);
errors = vErrors.length;
}
}
if(data.quota !== undefined){
if(!(validate103(data.quota, {instancePath:instancePath+"/quota"}))){
vErrors = vErrors === null ? validate103.errors : vErrors.concat(validate103.errors);
errors = vErrors.length;
}
}
if(data.burst !== undefined){
if(!(validate57(data.burst, {instancePath:instancePath+"/burst"}))){
vErrors = vErrors === null ? validate57.errors : vErrors.concat(validate57.errors);
errors = vErrors.length;
}
}
if(data.period !== undefined){
if(!(validate57(data.period, {instancePath:instancePath+"/period"}))){
vErrors = vErrors === null ? validate57.errors : vErrors.concat(validate57.errors);
errors = vErrors.length;
}
}
if(data.realtimeRuntime !== undefined){
if(!(validate103(data.realtimeRuntime, {instancePath:instancePath+"/realtimeRuntime"}))){
vErrors = vErrors === null ? validate103.errors : vErrors.concat(validate103.errors);
errors = vErrors.length;
}
}
if(data.realtimePeriod !== undefined){
if(!(validate57(data.realtimePeriod, {instancePath:instancePath+"/realtimePeriod"}))){
vErrors = vErrors === null ? validate57.errors : vErrors.concat(validate57.errors);
errors = vErrors.length;
}
}
if(data.cpus !== undefined){
if(!(validate65(data.cpus, {instancePath:instancePath+"/cpus"}))){
vErrors = vErrors === null ? validate65.errors : vErrors.concat(validate65.errors);
errors = vErrors.length;
}
}
if(data.mems !== undefined){
if(!(validate65(data.mems, {instancePath:instancePath+"/mems"}))){
vErrors = vErrors === null ? validate65.errors : vErrors.concat(validate65.errors);
errors = vErrors.length;
}
}
if(data.idle !== undefined){
if(!(validate103(data.idle, {instancePath:instancePath+"/idle"}))){
vErrors = vErrors === null ? validate103.errors : vErrors.concat(validate103.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate130.errors = vErrors;
return errors === 0;
}


function validate141(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(key0 === "limit")){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.limit !== undefined){
if(!(validate123(data.limit, {instancePath:instancePath+"/limit"}))){
vErrors = vErrors === null ? validate123.errors : vErrors.concat(validate123.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate141.errors = vErrors;
return errors === 0;
}


function validate145(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(!(((typeof data == "number") && (!(data % 1) && !isNaN(data))) && (isFinite(data)))){
vErrors = add(vErrors, instancePath, "type", {type: "integer"});
errors++;
}
if((typeof data == "number") && (isFinite(data))){
if(data > 1000 || isNaN(data)){
vErrors = add(vErrors, instancePath, "maximum", {comparison: "<=", limit: 1000});
errors++;
}
if(data < 0 || isNaN(data)){
vErrors = add(vErrors, instancePath, "minimum", {comparison: ">=", limit: 0});
errors++;
}
}
validate145.errors = vErrors;
return errors === 0;
}


function validate148(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.major === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "major"});
errors++;
}
if(data.minor === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "minor"});
errors++;
}
for(const key0 in data){
if(!((((key0 === "major") || (key0 === "minor")) || (key0 === "weight")) || (key0 === "leafWeight"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.major !== undefined){
if(!(validate103(data.major, {instancePath:instancePath+"/major"}))){
vErrors = vErrors === null ? validate103.errors : vErrors.concat(validate103.errors);
errors = vErrors.length;
}
}
if(data.minor !== undefined){
if(!(validate103(data.minor, {instancePath:instancePath+"/minor"}))){
vErrors = vErrors === null ? validate103.errors : vErrors.concat(validate103.errors);
errors = vErrors.length;
}
}
if(data.weight !== undefined){
if(!(validate145(data.weight, {instancePath:instancePath+"/weight"}))){
vErrors = vErrors === null ? validate145.errors : vErrors.concat(validate145.errors);
errors = vErrors.length;
}
}
if(data.leafWeight !== undefined){
if(!(validate145(data.leafWeight, {instancePath:instancePath+"/leafWeight"}))){
vErrors = vErrors === null ? validate145.errors : vErrors.concat(validate145.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate148.errors = vErrors;
return errors === 0;
}


function validate155(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.major === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "major"});
errors++;
}
if(data.minor === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "minor"});
errors++;
}
if(data.rate === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "rate"});
errors++;
}
for(const key0 in data){
if(!(((key0 === "major") || (key0 === "minor")) || (key0 === "rate"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.major !== undefined){
if(!(validate103(data.major, {instancePath:instancePath+"/major"}))){
vErrors = vErrors === null ? validate103.errors : vErrors.concat(validate103.errors);
errors = vErrors.length;
}
}
if(data.minor !== undefined){
if(!(validate103(data.minor, {instancePath:instancePath+"/minor"}))){
vErrors = vErrors === null ? validate103.errors : vErrors.concat(validate103.errors);
errors = vErrors.length;
}
}
if(data.rate !== undefined){
if(!(validate49(data.rate, {instancePath:instancePath+"/rate"}))){
vErrors = vErrors === null ? validate49.errors : vErrors.concat(validate49.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate155.errors = vErrors;
return errors === 0;
}


function validate154(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(Array.isArray(data)){
const len0 = data.length;
for(let i0=0; i0<len0; i0++){
if(!(validate155(data[i0], {instancePath:instancePath+"/" + i0}))){
vErrors = vErrors === null ? validate155.errors : vErrors.concat(validate155.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "array"});
errors++;
}
validate154.errors = vErrors;
return errors === 0;
}


function validate144(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(((((((key0 === "weight") || (key0 === "leafWeight")) || (key0 === "weightDevice")) || (key0 === "throttleReadBpsDevice")) || (key0 === "throttleWriteBpsDevice")) || (key0 === "throttleReadIOPSDevice")) || (key0 === "throttleWriteIOPSDevice"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.weight !== undefined){
if(!(validate145(data.weight, {instancePath:instancePath+"/weight"}))){
vErrors = vErrors === null ? validate145.errors : vErrors.concat(validate145.errors);
errors = vErrors.length;
}
}
if(data.leafWeight !== undefined){
if(!(validate145(data.leafWeight, {instancePath:instancePath+"/leafWeight"}))){
vErrors = vErrors === null ? validate145.errors : vErrors.concat(validate145.errors);
errors = vErrors.length;
}
}
if(data.weightDevice !== undefined){
let data2 = data.weightDevice;
if(Array.isArray(data2)){
const len0 = data2.length;
for(let i0=0; i0<len0; i0++){
if(!(validate148(data2[i0], {instancePath:instancePath+"/weightDevice/" + i0}))){
vErrors = vErrors === null ? validate148.errors : vErrors.concat(validate148.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/weightDevice", "type", {type: "array"});
errors++;
}
}
if(data.throttleReadBpsDevice !== undefined){
if(!(validate154(data.throttleReadBpsDevice, {instancePath:instancePath+"/throttleReadBpsDevice"}))){
vErrors = vErrors === null ? validate154.errors : vErrors.concat(validate154.errors);
errors = vErrors.length;
}
}
if(data.throttleWriteBpsDevice !== undefined){
if(!(validate154(data.throttleWriteBpsDevice, {instancePath:instancePath+"/throttleWriteBpsDevice"}))){
vErrors = vErrors === null ? validate154.errors : vErrors.concat(validate154.errors);
errors = vErrors.length;
}
}
if(data.throttleReadIOPSDevice !== undefined){
if(!(validate154(data.throttleReadIOPSDevice, {instancePath:instancePath+"/throttleReadIOPSDevice"}))){
vErrors = vErrors === null ? validate154.errors : vErrors.concat(validate154.errors);
errors = vErrors.length;
}
}
if(data.throttleWriteIOPSDevice !== undefined){
if(!(validate154(data.throttleWriteIOPSDevice, {instancePath:instancePath+"/throttleWriteIOPSDevice"}))){
vErrors = vErrors === null ? validate154.errors : vErrors.concat(validate154.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate144.errors = vErrors;
return errors === 0;
}

const pattern5 = new RegExp("^[1-9][0-9]*[KMGTP]B$", "u");

function validate165(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.pageSize === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "pageSize"});
errors++;
}
if(data.limit === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "limit"});
errors++;
}
for(const key0 in data){
if(!((key0 === "pageSize") || (key0 === "limit"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.pageSize !== undefined){
let data0 = data.pageSize;
if(typeof data0 === "string"){
if(!pattern5.test(data0)){
vErrors = add(vErrors, instancePath+"/pageSize", "pattern", {pattern: "^[1-9][0-9]*[KMGTP]B$"});
errors++;
}
}
else {
vErrors = add(vErrors, instancePath+"/pageSize", "type", {type: "string"});
errors++;
}
}
if(data.limit !== undefined){
if(!(validate49(data.limit, {instancePath:instancePath+"/limit"}))){
vErrors = vErrors === null ? validate49.errors : vErrors.concat(validate49.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate165.errors = vErrors;
return errors === 0;
}


function validate170(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.name === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "name"});
errors++;
}
if(data.priority === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "priority"});
errors++;
}
for(const key0 in data){
if(!((key0 === "name") || (key0 === "priority"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.name !== undefined){
let data0 = data.name;
if(typeof data0 === "string"){
if(data0.length < 1){
vErrors = add(vErrors, instancePath+"/name", "minLength", {limit: 1});
errors++;
}
}
else {
vErrors = add(vErrors, instancePath+"/name", "type", {type: "string"});
errors++;
}
}
if(data.priority !== undefined){
if(!(validate73(data.priority, {instancePath:instancePath+"/priority"}))){
vErrors = vErrors === null ? validate73.errors : vErrors.concat(validate73.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate170.errors = vErrors;
return errors === 0;
}


function validate168(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!((key0 === "classID") || (key0 === "priorities"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.classID !== undefined){
if(!(validate73(data.classID, {instancePath:instancePath+"/classID"}))){
vErrors = vErrors === null ? validate73.errors : vErrors.concat(validate73.errors);
errors = vErrors.length;
}
}
if(data.priorities !== undefined){
let data1 = data.priorities;
if(Array.isArray(data1)){
const len0 = data1.length;
for(let i0=0; i0<len0; i0++){
if(!(validate170(data1[i0], {instancePath:instancePath+"/priorities/" + i0}))){
vErrors = vErrors === null ? validate170.errors : vErrors.concat(validate170.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/priorities", "type", {type: "array"});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate168.errors = vErrors;
return errors === 0;
}


function validate174(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!((key0 === "hcaHandles") || (key0 === "hcaObjects"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.hcaHandles !== undefined){
if(!(validate73(data.hcaHandles, {instancePath:instancePath+"/hcaHandles"}))){
vErrors = vErrors === null ? validate73.errors : vErrors.concat(validate73.errors);
errors = vErrors.length;
}
}
if(data.hcaObjects !== undefined){
if(!(validate73(data.hcaObjects, {instancePath:instancePath+"/hcaObjects"}))){
vErrors = vErrors === null ? validate73.errors : vErrors.concat(validate73.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate174.errors = vErrors;
return errors === 0;
}


function validate117(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(["devices","memory","cpu","pids","blockIO","hugepageLimits","network","rdma","unified"].includes(key0))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.devices !== undefined){
let data0 = data.devices;
if(Array.isArray(data0)){
const len0 = data0.length;
for(let i0=0; i0<len0; i0++){
if(!(validate118(data0[i0], {instancePath:instancePath+"/devices/" + i0}))){
vErrors = vErrors === null ? validate118.errors : vErrors.concat(validate118.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/devices", "type", {type: "array"});
errors++;
}
}
if(data.memory !== undefined){
if(!(validate122(data.memory, {instancePath:instancePath+"/memory"}))){
vErrors = vErrors === null ? validate122.errors : vErrors.concat(validate122.errors);
errors = vErrors.length;
}
}
if(data.cpu !== undefined){
if(!(validate130(data.cpu, {instancePath:instancePath+"/cpu"}))){
vErrors = vErrors === null ? validate130.errors : vErrors.concat(validate130.errors);
errors = vErrors.length;
}
}
if(data.pids !== undefined){
if(!(validate141(data.pids, {instancePath:instancePath+"/pids"}))){
vErrors = vErrors === null ? validate141.errors : vErrors.concat(validate141.errors);
errors = vErrors.length;
}
}
if(data.blockIO !== undefined){
if(!(validate144(data.blockIO, {instancePath:instancePath+"/blockIO"}))){
vErrors = vErrors === null ? validate144.errors : vErrors.concat(validate144.errors);
errors = vErrors.length;
}
}
if(data.hugepageLimits !== undefined){
let data6 = data.hugepageLimits;
if(Array.isArray(data6)){
const len1 = data6.length;
for(let i1=0; i1<len1; i1++){
if(!(validate165(data6[i1], {instancePath:instancePath+"/hugepageLimits/" + i1}))){
vErrors = vErrors === null ? validate165.errors : vErrors.concat(validate165.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/hugepageLimits", "type", {type: "array"});
errors++;
}
}
if(data.network !== undefined){
if(!(validate168(data.network, {instancePath:instancePath+"/network"}))){
vErrors = vErrors === null ? validate168.errors : vErrors.concat(validate168.errors);
errors = vErrors.length;
}
}
if(data.rdma !== undefined){
let data9 = data.rdma;
if(data9 && typeof data9 == "object" && !Array.isArray(data9)){
for(const key1 in data9){
if(!(validate174(data9[key1], {instancePath:instancePath+"/rdma/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")}))){
vErrors = vErrors === null ? validate174.errors : vErrors.concat(validate174.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/rdma", "type", {type: "object"});
errors++;
}
}
if(data.unified !== undefined){
let data11 = data.unified;
if(data11 && typeof data11 == "object" && !Array.isArray(data11)){
for(const key2 in data11){
if(typeof data11[key2] !== "string"){
vErrors = add(vErrors, instancePath+"/unified/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"), "type", {type: "string"});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/unified", "type", {type: "object"});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate117.errors = vErrors;
return errors === 0;
}


function validate180(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(typeof data !== "string"){
vErrors = add(vErrors, instancePath, "type", {type: "string"});
errors++;
}
if(!(((((((((data === "SCMP_ACT_KILL") || (data === "SCMP_ACT_KILL_PROCESS")) || (data === "SCMP_ACT_KILL_THREAD")) || (data === "SCMP_ACT_TRAP")) || (data === "SCMP_ACT_ERRNO")) || (data === "SCMP_ACT_TRACE")) || (data === "SCMP_ACT_ALLOW")) || (data === "SCMP_ACT_LOG")) || (data === "SCMP_ACT_NOTIFY"))){
vErrors = add(vErrors, instancePath, "enum", {allowedValues: schema().definitions.SeccompAction.enum});
errors++;
}
validate180.errors = vErrors;
return errors === 0;
}


function validate182(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(!(((typeof data == "number") && (!(data % 1) && !isNaN(data))) && (isFinite(data)))){
vErrors = add(vErrors, instancePath, "type", {type: "integer"});
errors++;
}
if((typeof data == "number") && (isFinite(data))){
if(data > 65535 || isNaN(data)){
vErrors = add(vErrors, instancePath, "maximum", {comparison: "<=", limit: 65535});
errors++;
}
if(data < 0 || isNaN(data)){
vErrors = add(vErrors, instancePath, "minimum", {comparison: ">=", limit: 0});
errors++;
}
}
validate182.errors = vErrors;
return errors === 0;
}


function validate184(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(typeof data !== "string"){
vErrors = add(vErrors, instancePath, "type", {type: "string"});
errors++;
}
if(!(((((((((((((((((((((((data === "SCMP_ARCH_X86") || (data === "SCMP_ARCH_X86_64")) || (data === "SCMP_ARCH_X32")) || (data === "SCMP_ARCH_ARM")) || (data === "SCMP_ARCH_AARCH64")) || (data === "SCMP_ARCH_MIPS")) || (data === "SCMP_ARCH_MIPS64")) || (data === "SCMP_ARCH_MIPS64N32")) || (data === "SCMP_ARCH_MIPSEL")) || (data === "SCMP_ARCH_MIPSEL64")) || (data === "SCMP_ARCH_MIPSEL64N32")) || (data === "SCMP_ARCH_PPC")) || (data === "SCMP_ARCH_PPC64")) || (data === "SCMP_ARCH_PPC64LE")) || (data === "SCMP_ARCH_S390")) || (data === "SCMP_ARCH_S390X")) || (data === "SCMP_ARCH_PARISC")) || (data === "SCMP_ARCH_PARISC64")) || (data === "SCMP_ARCH_RISCV64")) || (data === "SCMP_ARCH_LOONGARCH64")) || (data === "SCMP_ARCH_M68K")) || (data === "SCMP_ARCH_SH")) || (data === "SCMP_ARCH_SHEB"))){
vErrors = add(vErrors, instancePath, "enum", {allowedValues: schema().definitions.SeccompArch.enum});
errors++;
}
validate184.errors = vErrors;
return errors === 0;
}


function validate186(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(typeof data !== "string"){
vErrors = add(vErrors, instancePath, "type", {type: "string"});
errors++;
}
if(!((((data === "SECCOMP_FILTER_FLAG_TSYNC") || (data === "SECCOMP_FILTER_FLAG_LOG")) || (data === "SECCOMP_FILTER_FLAG_SPEC_ALLOW")) || (data === "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"))){
vErrors = add(vErrors, instancePath, "enum", {allowedValues: schema().definitions.SeccompFlag.enum});
errors++;
}
validate186.errors = vErrors;
return errors === 0;
}


function validate194(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(typeof data !== "string"){
vErrors = add(vErrors, instancePath, "type", {type: "string"});
errors++;
}
if(!(((((((data === "SCMP_CMP_NE") || (data === "SCMP_CMP_LT")) || (data === "SCMP_CMP_LE")) || (data === "SCMP_CMP_EQ")) || (data === "SCMP_CMP_GE")) || (data === "SCMP_CMP_GT")) || (data === "SCMP_CMP_MASKED_EQ"))){
vErrors = add(vErrors, instancePath, "enum", {allowedValues: schema().definitions.SeccompOperator.enum});
errors++;
}
validate194.errors = vErrors;
return errors === 0;
}


function validate191(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.index === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "index"});
errors++;
}
if(data.value === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "value"});
errors++;
}
if(data.op === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "op"});
errors++;
}
for(const key0 in data){
if(!((((key0 === "index") || (key0 === "value")) || (key0 === "valueTwo")) || (key0 === "op"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.index !== undefined){
let data0 = data.index;
if(!(((typeof data0 == "number") && (!(data0 % 1) && !isNaN(data0))) && (isFinite(data0)))){
vErrors = add(vErrors, instancePath+"/index", "type", {type: "integer"});
errors++;
}
if((typeof data0 == "number") && (isFinite(data0))){
if(data0 > 5 || isNaN(data0)){
vErrors = add(vErrors, instancePath+"/index", "maximum", {comparison: "<=", limit: 5});
errors++;
}
if(data0 < 0 || isNaN(data0)){
vErrors = add(vErrors, instancePath+"/index", "minimum", {comparison: ">=", limit: 0});
errors++;
}
}
}
if(data.value !== undefined){
if(!(validate49(data.value, {instancePath:instancePath+"/value"}))){
vErrors = vErrors === null ? validate49.errors : vErrors.concat(validate49.errors);
errors = vErrors.length;
}
}
if(data.valueTwo !== undefined){
if(!(validate49(data.valueTwo, {instancePath:instancePath+"/valueTwo"}))){
vErrors = vErrors === null ? validate49.errors : vErrors.concat(validate49.errors);
errors = vErrors.length;
}
}
if(data.op !== undefined){
if(!(validate194(data.op, {instancePath:instancePath+"/op"}))){
vErrors = vErrors === null ? validate194.errors : vErrors.concat(validate194.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate191.errors = vErrors;
return errors === 0;
}


function validate188(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.names === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "names"});
errors++;
}
if(data.action === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "action"});
errors++;
}
for(const key0 in data){
if(!((((key0 === "names") || (key0 === "action")) || (key0 === "errnoRet")) || (key0 === "args"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.names !== undefined){
let data0 = data.names;
if(Array.isArray(data0)){
if(data0.length < 1){
vErrors = add(vErrors, instancePath+"/names", "minItems", {limit: 1});
errors++;
}
const len0 = data0.length;
for(let i0=0; i0<len0; i0++){
let data1 = data0[i0];
if(typeof data1 === "string"){
if(data1.length < 1){
vErrors = add(vErrors, instancePath+"/names/" + i0, "minLength", {limit: 1});
errors++;
}
}
else {
vErrors = add(vErrors, instancePath+"/names/" + i0, "type", {type: "string"});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/names", "type", {type: "array"});
errors++;
}
}
if(data.action !== undefined){
if(!(validate180(data.action, {instancePath:instancePath+"/action"}))){
vErrors = vErrors === null ? validate180.errors : vErrors.concat(validate180.errors);
errors = vErrors.length;
}
}
if(data.errnoRet !== undefined){
if(!(validate182(data.errnoRet, {instancePath:instancePath+"/errnoRet"}))){
vErrors = vErrors === null ? validate182.errors : vErrors.concat(validate182.errors);
errors = vErrors.length;
}
}
if(data.args !== undefined){
let data4 = data.args;
if(Array.isArray(data4)){
const len1 = data4.length;
for(let i1=0; i1<len1; i1++){
if(!(validate191(data4[i1], {instancePath:instancePath+"/args/" + i1}))){
vErrors = vErrors === null ? validate191.errors : vErrors.concat(validate191.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/args", "type", {type: "array"});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate188.errors = vErrors;
return errors === 0;
}


function validate179(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.defaultAction === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "defaultAction"});
errors++;
}
for(const key0 in data){
if(!(((((((key0 === "defaultAction") || (key0 === "defaultErrnoRet")) || (key0 === "architectures")) || (key0 === "flags")) || (key0 === "listenerPath")) || (key0 === "listenerMetadata")) || (key0 === "syscalls"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.defaultAction !== undefined){
if(!(validate180(data.defaultAction, {instancePath:instancePath+"/defaultAction"}))){
vErrors = vErrors === null ? validate180.errors : vErrors.concat(validate180.errors);
errors = vErrors.length;
}
}
if(data.defaultErrnoRet !== undefined){
if(!(validate182(data.defaultErrnoRet, {instancePath:instancePath+"/defaultErrnoRet"}))){
vErrors = vErrors === null ? validate182.errors : vErrors.concat(validate182.errors);
errors = vErrors.length;
}
}
if(data.architectures !== undefined){
let data2 = data.architectures;
if(Array.isArray(data2)){
const len0 = data2.length;
for(let i0=0; i0<len0; i0++){
if(!(validate184(data2[i0], {instancePath:instancePath+"/architectures/" + i0}))){
vErrors = vErrors === null ? validate184.errors : vErrors.concat(validate184.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/architectures", "type", {type: "array"});
errors++;
}
}
if(data.flags !== undefined){
let data4 = data.flags;
if(Array.isArray(data4)){
const len1 = data4.length;
for(let i1=0; i1<len1; i1++){
if(!(validate186(data4[i1], {instancePath:instancePath+"/flags/" + i1}))){
vErrors = vErrors === null ? validate186.errors : vErrors.concat(validate186.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/flags", "type", {type: "array"});
errors++;
}
}
if(data.listenerPath !== undefined){
if(typeof data.listenerPath !== "string"){
vErrors = add(vErrors, instancePath+"/listenerPath", "type", {type: "string"});
errors++;
}
}
if(data.listenerMetadata !== undefined){
if(typeof data.listenerMetadata !== "string"){
vErrors = add(vErrors, instancePath+"/listenerMetadata", "type", {type: "string"});
errors++;
}
}
if(data.syscalls !== undefined){
let data8 = data.syscalls;
if(Array.isArray(data8)){
const len2 = data8.length;
for(let i2=0; i2<len2; i2++){
if(!(validate188(data8[i2], {instancePath:instancePath+"/syscalls/" + i2}))){
vErrors = vErrors === null ? validate188.errors : vErrors.concat(validate188.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/syscalls", "type", {type: "array"});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate179.errors = vErrors;
return errors === 0;
}


function validate201(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.domain === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "domain"});
errors++;
}
for(const key0 in data){
if(!((key0 === "domain") || (key0 === "flags"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.domain !== undefined){
let data0 = data.domain;
if(typeof data0 !== "string"){
vErrors = add(vErrors, instancePath+"/domain", "type", {type: "string"});
errors++;
}
if(!((data0 === "LINUX") || (data0 === "LINUX32"))){
vErrors = add(vErrors, instancePath+"/domain", "enum", {allowedValues: schema().definitions.Personality.properties.domain.enum});
errors++;
}
}
if(data.flags !== undefined){
if(!(validate33(data.flags, {instancePath:instancePath+"/flags"}))){
vErrors = vErrors === null ? validate33.errors : vErrors.concat(validate33.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate201.errors = vErrors;
return errors === 0;
}

const pattern6 = new RegExp("^[^\\n]*$", "u");
const pattern7 = new RegExp("^(MB:[^\\n]*)?$", "u");

function validate204(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(((((key0 === "closID") || (key0 === "l3CacheSchema")) || (key0 === "memBwSchema")) || (key0 === "schemata")) || (key0 === "enableMonitoring"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.closID !== undefined){
if(typeof data.closID !== "string"){
vErrors = add(vErrors, instancePath+"/closID", "type", {type: "string"});
errors++;
}
}
if(data.l3CacheSchema !== undefined){
let data1 = data.l3CacheSchema;
if(typeof data1 === "string"){
if(!pattern6.test(data1)){
vErrors = add(vErrors, instancePath+"/l3CacheSchema", "pattern", {pattern: "^[^\\n]*$"});
errors++;
}
}
else {
vErrors = add(vErrors, instancePath+"/l3CacheSchema", "type", {type: "string"});
errors++;
}
}
if(data.memBwSchema !== undefined){
let data2 = data.memBwSchema;
if(typeof data2 === "string"){
if(!pattern7.test(data2)){
vErrors = add(vErrors, instancePath+"/memBwSchema", "pattern", {pattern: "^(MB:[^\\n]*)?$"});
errors++;
}
}
else {
vErrors = add(vErrors, instancePath+"/memBwSchema", "type", {type: "string"});
errors++;
}
}
if(data.schemata !== undefined){
let data3 = data.schemata;
if(Array.isArray(data3)){
const len0 = data3.length;
for(let i0=0; i0<len0; i0++){
let data4 = data3[i0];
if(typeof data4 === "string"){
if(!pattern6.test(data4)){
vErrors = add(vErrors, instancePath+"/schemata/" + i0, "pattern", {pattern: "^[^\\n]*$"});
errors++;
}
}
else {
vErrors = add(vErrors, instancePath+"/schemata/" + i0, "type", {type: "string"});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/schemata", "type", {type: "array"});
errors++;
}
}
if(data.enableMonitoring !== undefined){
if(typeof data.enableMonitoring !== "boolean"){
vErrors = add(vErrors, instancePath+"/enableMonitoring", "type", {type: "boolean"});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate204.errors = vErrors;
return errors === 0;
}

const pattern9 = new RegExp("^[0-9,\\s-]*$", "u");

function validate206(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.mode === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "mode"});
errors++;
}
for(const key0 in data){
if(!(((key0 === "mode") || (key0 === "nodes")) || (key0 === "flags"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.mode !== undefined){
let data0 = data.mode;
if(typeof data0 !== "string"){
vErrors = add(vErrors, instancePath+"/mode", "type", {type: "string"});
errors++;
}
if(!(((((((data0 === "MPOL_DEFAULT") || (data0 === "MPOL_BIND")) || (data0 === "MPOL_INTERLEAVE")) || (data0 === "MPOL_WEIGHTED_INTERLEAVE")) || (data0 === "MPOL_PREFERRED")) || (data0 === "MPOL_PREFERRED_MANY")) || (data0 === "MPOL_LOCAL"))){
vErrors = add(vErrors, instancePath+"/mode", "enum", {allowedValues: schema().definitions.MemoryPolicy.properties.mode.enum});
errors++;
}
}
if(data.nodes !== undefined){
let data1 = data.nodes;
if(typeof data1 === "string"){
if(!pattern9.test(data1)){
vErrors = add(vErrors, instancePath+"/nodes", "pattern", {pattern: "^[0-9,\\s-]*$"});
errors++;
}
}
else {
vErrors = add(vErrors, instancePath+"/nodes", "type", {type: "string"});
errors++;
}
}
if(data.flags !== undefined){
let data2 = data.flags;
if(Array.isArray(data2)){
const len0 = data2.length;
for(let i0=0; i0<len0; i0++){
let data3 = data2[i0];
if(typeof data3 !== "string"){
vErrors = add(vErrors, instancePath+"/flags/" + i0, "type", {type: "string"});
errors++;
}
if(!(((data3 === "MPOL_F_NUMA_BALANCING") || (data3 === "MPOL_F_RELATIVE_NODES")) || (data3 === "MPOL_F_STATIC_NODES"))){
vErrors = add(vErrors, instancePath+"/flags/" + i0, "enum", {allowedValues: schema().definitions.MemoryPolicy.properties.flags.items.enum});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/flags", "type", {type: "array"});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate206.errors = vErrors;
return errors === 0;
}


function validate95(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(["namespaces","uidMappings","gidMappings","timeOffsets","devices","netDevices","cgroupsPath","resources","rootfsPropagation","seccomp","sysctl","maskedPaths","readonlyPaths","mountLabel","personality","intelRdt","memoryPolicy"].includes(key0))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.namespaces !== undefined){
let data0 = data.namespaces;
if(Array.isArray(data0)){
const len0 = data0.length;
for(let i0=0; i0<len0; i0++){
if(!(validate96(data0[i0], {instancePath:instancePath+"/namespaces/" + i0}))){
vErrors = vErrors === null ? validate96.errors : vErrors.concat(validate96.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/namespaces", "type", {type: "array"});
errors++;
}
}
if(data.uidMappings !== undefined){
let data2 = data.uidMappings;
if(Array.isArray(data2)){
const len1 = data2.length;
for(let i1=0; i1<len1; i1++){
if(!(validate72(data2[i1], {instancePath:instancePath+"/uidMappings/" + i1}))){
vErrors = vErrors === null ? validate72.errors : vErrors.concat(validate72.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/uidMappings", "type", {type: "array"});
errors++;
}
}
if(data.gidMappings !== undefined){
let data4 = data.gidMappings;
if(Array.isArray(data4)){
const len2 = data4.length;
for(let i2=0; i2<len2; i2++){
if(!(validate72(data4[i2], {instancePath:instancePath+"/gidMappings/" + i2}))){
vErrors = vErrors === null ? validate72.errors : vErrors.concat(validate72.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/gidMappings", "type", {type: "array"});
errors++;
}
}
if(data.timeOffsets !== undefined){
let data6 = data.timeOffsets;
if(data6 && typeof data6 == "object" && !Array.isArray(data6)){
for(const key1 in data6){
if(!((key1 === "monotonic") || (key1 === "boottime"))){
vErrors = add(vErrors, instancePath+"/timeOffsets", "additionalProperties", {additionalProperty: key1});
errors++;
}
}
if(data6.monotonic !== undefined){
if(!(validate102(data6.monotonic, {instancePath:instancePath+"/timeOffsets/monotonic"}))){
vErrors = vErrors === null ? validate102.errors : vErrors.concat(validate102.errors);
errors = vErrors.length;
}
}
if(data6.boottime !== undefined){
if(!(validate102(data6.boottime, {instancePath:instancePath+"/timeOffsets/boottime"}))){
vErrors = vErrors === null ? validate102.errors : vErrors.concat(validate102.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/timeOffsets", "type", {type: "object"});
errors++;
}
}
if(data.devices !== undefined){
let data9 = data.devices;
if(Array.isArray(data9)){
const len3 = data9.length;
for(let i3=0; i3<len3; i3++){
if(!(validate107(data9[i3], {instancePath:instancePath+"/devices/" + i3}))){
vErrors = vErrors === null ? validate107.errors : vErrors.concat(validate107.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/devices", "type", {type: "array"});
errors++;
}
}
if(data.netDevices !== undefined){
let data11 = data.netDevices;
if(data11 && typeof data11 == "object" && !Array.isArray(data11)){
for(const key2 in data11){
if(!(validate115(data11[key2], {instancePath:instancePath+"/netDevices/" + key2.replace(/~/g, "~0").replace(/\//g, "~1")}))){
vErrors = vErrors === null ? validate115.errors : vErrors.concat(validate115.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/netDevices", "type", {type: "object"});
errors++;
}
}
if(data.cgroupsPath !== undefined){
if(typeof data.cgroupsPath !== "string"){
vErrors = add(vErrors, instancePath+"/cgroupsPath", "type", {type: "string"});
errors++;
}
}
if(data.resources !== undefined){
if(!(validate117(data.resources, {instancePath:instancePath+"/resources"}))){
vErrors = vErrors === null ? validate117.errors : vErrors.concat(validate117.errors);
errors = vErrors.length;
}
}
if(data.rootfsPropagation !== undefined){
let data15 = data.rootfsPropagation;
if(typeof data15 !== "string"){
vErrors = add(vErrors, instancePath+"/rootfsPropagation", "type", {type: "string"});
errors++;
}
if(!(((((((((data15 === "") || (data15 === "private")) || (data15 === "rprivate")) || (data15 === "shared")) || (data15 === "rshared")) || (data15 === "slave")) || (data15 === "rslave")) || (data15 === "unbindable")) || (data15 === "runbindable"))){
vErrors = add(vErrors, instancePath+"/rootfsPropagation", "enum", {allowedValues: schema().definitions.Linux.properties.rootfsPropagation.enum});
errors++;
}
}
if(data.seccomp !== undefined){
if(!(validate179(data.seccomp, {instancePath:instancePath+"/seccomp"}))){
vErrors = vErrors === null ? validate179.errors : vErrors.concat(validate179.errors);
errors = vErrors.length;
}
}
if(data.sysctl !== undefined){
let data17 = data.sysctl;
if(data17 && typeof data17 == "object" && !Array.isArray(data17)){
for(const key3 in data17){
if(typeof data17[key3] !== "string"){
vErrors = add(vErrors, instancePath+"/sysctl/" + key3.replace(/~/g, "~0").replace(/\//g, "~1"), "type", {type: "string"});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/sysctl", "type", {type: "object"});
errors++;
}
}
if(data.maskedPaths !== undefined){
let data19 = data.maskedPaths;
if(Array.isArray(data19)){
const len4 = data19.length;
for(let i4=0; i4<len4; i4++){
if(!(validate83(data19[i4], {instancePath:instancePath+"/maskedPaths/" + i4}))){
vErrors = vErrors === null ? validate83.errors : vErrors.concat(validate83.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/maskedPaths", "type", {type: "array"});
errors++;
}
}
if(data.readonlyPaths !== undefined){
let data21 = data.readonlyPaths;
if(Array.isArray(data21)){
const len5 = data21.length;
for(let i5=0; i5<len5; i5++){
if(!(validate83(data21[i5], {instancePath:instancePath+"/readonlyPaths/" + i5}))){
vErrors = vErrors === null ? validate83.errors : vErrors.concat(validate83.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/readonlyPaths", "type", {type: "array"});
errors++;
}
}
if(data.mountLabel !== undefined){
if(typeof data.mountLabel !== "string"){
vErrors = add(vErrors, instancePath+"/mountLabel", "type", {type: "string"});
errors++;
}
}
if(data.personality !== undefined){
if(!(validate201(data.personality, {instancePath:instancePath+"/personality"}))){
vErrors = vErrors === null ? validate201.errors : vErrors.concat(validate201.errors);
errors = vErrors.length;
}
}
if(data.intelRdt !== undefined){
if(!(validate204(data.intelRdt, {instancePath:instancePath+"/intelRdt"}))){
vErrors = vErrors === null ? validate204.errors : vErrors.concat(validate204.errors);
errors = vErrors.length;
}
}
if(data.memoryPolicy !== undefined){
if(!(validate206(data.memoryPolicy, {instancePath:instancePath+"/memoryPolicy"}))){
vErrors = vErrors === null ? validate206.errors : vErrors.concat(validate206.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate95.errors = vErrors;
return errors === 0;
}


function validate209(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(((((key0 === "hypervisor") || (key0 === "kernel")) || (key0 === "image")) || (key0 === "hwConfig")) || (key0 === "hwconfig"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.hypervisor !== undefined){
let data0 = data.hypervisor;
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
if(data0.path === undefined){
vErrors = add(vErrors, instancePath+"/hypervisor", "required", {missingProperty: "path"});
errors++;
}
for(const key1 in data0){
if(!((key1 === "path") || (key1 === "parameters"))){
vErrors = add(vErrors, instancePath+"/hypervisor", "additionalProperties", {additionalProperty: key1});
errors++;
}
}
if(data0.path !== undefined){
if(typeof data0.path !== "string"){
vErrors = add(vErrors, instancePath+"/hypervisor/path", "type", {type: "string"});
errors++;
}
}
if(data0.parameters !== undefined){
if(!(validate33(data0.parameters, {instancePath:instancePath+"/hypervisor/parameters"}))){
vErrors = vErrors === null ? validate33.errors : vErrors.concat(validate33.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/hypervisor", "type", {type: "object"});
errors++;
}
}
if(data.kernel !== undefined){
let data3 = data.kernel;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
if(data3.path === undefined){
vErrors = add(vErrors, instancePath+"/kernel", "required", {missingProperty: "path"});
errors++;
}
for(const key2 in data3){
if(!(((key2 === "path") || (key2 === "parameters")) || (key2 === "initrd"))){
vErrors = add(vErrors, instancePath+"/kernel", "additionalProperties", {additionalProperty: key2});
errors++;
}
}
if(data3.path !== undefined){
if(typeof data3.path !== "string"){
vErrors = add(vErrors, instancePath+"/kernel/path", "type", {type: "string"});
errors++;
}
}
if(data3.parameters !== undefined){
if(!(validate33(data3.parameters, {instancePath:instancePath+"/kernel/parameters"}))){
vErrors = vErrors === null ? validate33.errors : vErrors.concat(validate33.errors);
errors = vErrors.length;
}
}
if(data3.initrd !== undefined){
if(typeof data3.initrd !== "string"){
vErrors = add(vErrors, instancePath+"/kernel/initrd", "type", {type: "string"});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/kernel", "type", {type: "object"});
errors++;
}
}
if(data.image !== undefined){
let data7 = data.image;
if(data7 && typeof data7 == "object" && !Array.isArray(data7)){
for(const key3 in data7){
if(!((key3 === "path") || (key3 === "format"))){
vErrors = add(vErrors, instancePath+"/image", "additionalProperties", {additionalProperty: key3});
errors++;
}
}
if(data7.path !== undefined){
if(typeof data7.path !== "string"){
vErrors = add(vErrors, instancePath+"/image/path", "type", {type: "string"});
errors++;
}
}
if(data7.format !== undefined){
if(typeof data7.format !== "string"){
vErrors = add(vErrors, instancePath+"/image/format", "type", {type: "string"});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/image", "type", {type: "object"});
errors++;
}
}
if(data.hwConfig !== undefined){
let data10 = data.hwConfig;
if(!(data10 && typeof data10 == "object" && !Array.isArray(data10))){
vErrors = add(vErrors, instancePath+"/hwConfig", "type", {type: "object"});
errors++;
}
}
if(data.hwconfig !== undefined){
let data11 = data.hwconfig;
if(!(data11 && typeof data11 == "object" && !Array.isArray(data11))){
vErrors = add(vErrors, instancePath+"/hwconfig", "type", {type: "object"});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate209.errors = vErrors;
return errors === 0;
}


function validate21(data, {instancePath=""}={}){
/*# sourceURL="urn:tsoci:schema:config" */;
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.ociVersion === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "ociVersion"});
errors++;
}
if(data.root === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "root"});
errors++;
}
for(const key0 in data){
if(!(["$schema","ociVersion","root","process","hostname","domainname","mounts","hooks","annotations","linux","vm","solaris","windows","zos","freebsd"].includes(key0))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.$schema !== undefined){
if(typeof data.$schema !== "string"){
vErrors = add(vErrors, instancePath+"/$schema", "type", {type: "string"});
errors++;
}
}
if(data.ociVersion !== undefined){
if(typeof data.ociVersion !== "string"){
vErrors = add(vErrors, instancePath+"/ociVersion", "type", {type: "string"});
errors++;
}
}
if(data.root !== undefined){
if(!(validate22(data.root, {instancePath:instancePath+"/root"}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
if(data.process !== undefined){
if(!(validate24(data.process, {instancePath:instancePath+"/process"}))){
vErrors = vErrors === null ? validate24.errors : vErrors.concat(validate24.errors);
errors = vErrors.length;
}
}
if(data.hostname !== undefined){
if(typeof data.hostname !== "string"){
vErrors = add(vErrors, instancePath+"/hostname", "type", {type: "string"});
errors++;
}
}
if(data.domainname !== undefined){
if(typeof data.domainname !== "string"){
vErrors = add(vErrors, instancePath+"/domainname", "type", {type: "string"});
errors++;
}
}
if(data.mounts !== undefined){
let data6 = data.mounts;
if(Array.isArray(data6)){
const len0 = data6.length;
for(let i0=0; i0<len0; i0++){
if(!(validate70(data6[i0], {instancePath:instancePath+"/mounts/" + i0}))){
vErrors = vErrors === null ? validate70.errors : vErrors.concat(validate70.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/mounts", "type", {type: "array"});
errors++;
}
}
if(data.hooks !== undefined){
if(!(validate80(data.hooks, {instancePath:instancePath+"/hooks"}))){
vErrors = vErrors === null ? validate80.errors : vErrors.concat(validate80.errors);
errors = vErrors.length;
}
}
if(data.annotations !== undefined){
let data9 = data.annotations;
if(data9 && typeof data9 == "object" && !Array.isArray(data9)){
for(const key1 in data9){
if(typeof data9[key1] !== "string"){
vErrors = add(vErrors, instancePath+"/annotations/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"), "type", {type: "string"});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/annotations", "type", {type: "object"});
errors++;
}
}
if(data.linux !== undefined){
if(!(validate95(data.linux, {instancePath:instancePath+"/linux"}))){
vErrors = vErrors === null ? validate95.errors : vErrors.concat(validate95.errors);
errors = vErrors.length;
}
}
if(data.vm !== undefined){
if(!(validate209(data.vm, {instancePath:instancePath+"/vm"}))){
vErrors = vErrors === null ? validate209.errors : vErrors.concat(validate209.errors);
errors = vErrors.length;
}
}
if(data.solaris !== undefined){
let data13 = data.solaris;
if(!(data13 && typeof data13 == "object" && !Array.isArray(data13))){
vErrors = add(vErrors, instancePath+"/solaris", "type", {type: "object"});
errors++;
}
}
if(data.windows !== undefined){
let data14 = data.windows;
if(!(data14 && typeof data14 == "object" && !Array.isArray(data14))){
vErrors = add(vErrors, instancePath+"/windows", "type", {type: "object"});
errors++;
}
}
if(data.zos !== undefined){
let data15 = data.zos;
if(!(data15 && typeof data15 == "object" && !Array.isArray(data15))){
vErrors = add(vErrors, instancePath+"/zos", "type", {type: "object"});
errors++;
}
}
if(data.freebsd !== undefined){
let data16 = data.freebsd;
if(!(data16 && typeof data16 == "object" && !Array.isArray(data16))){
vErrors = add(vErrors, instancePath+"/freebsd", "type", {type: "object"});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate21.errors = vErrors;
return errors === 0;
}

function add(errors, instancePath, keyword, params) {
if (errors === null) return [{instancePath, keyword, params}];
errors.push({instancePath, keyword, params});
return errors;
}

let made;
export function schema() {
return made ??= {"$schema":"http://json-schema.org/draft-07/schema#","$id":"urn:tsoci:schema:config","type":"object","required":["ociVersion","root"],"properties":{"$schema":{"type":"string"},"ociVersion":{"type":"string"},"root":{"$ref":"#/definitions/Root"},"process":{"$ref":"#/definitions/Process"},"hostname":{"type":"string"},"domainname":{"type":"string"},"mounts":{"type":"array","items":{"$ref":"#/definitions/Mount"}},"hooks":{"$ref":"#/definitions/Hooks"},"annotations":{"type":"object","additionalProperties":{"type":"string"}},"linux":{"$ref":"#/definitions/Linux"},"vm":{"$ref":"#/definitions/Vm"},"solaris":{"type":"object"},"windows":{"type":"object"},"zos":{"type":"object"},"freebsd":{"type":"object"}},"definitions":{"Uint64":{"type":"integer","minimum":0,"maximum":18446744073709552000},"SafeInt":{"type":"integer","minimum":-9007199254740991,"maximum":9007199254740991},"SafeUint":{"type":"integer","minimum":0,"maximum":9007199254740991},"Int32":{"type":"integer","minimum":-2147483648,"maximum":2147483647},"Uint32":{"type":"integer","minimum":0,"maximum":4294967295},"Id":{"type":"integer","minimum":0,"maximum":4294967294},"Limit":{"type":"integer","minimum":-1,"maximum":9223372036854776000},"Texts":{"type":"array","items":{"type":"string"}},"AbsolutePath":{"type":"string","pattern":"^/"},"CpuList":{"type":"string","pattern":"^[0-9,:/\\s-]*$"},"Root":{"type":"object","required":["path"],"properties":{"path":{"type":"string","minLength":1},"readonly":{"type":"boolean"}},"additionalProperties":false},"Mount":{"type":"object","required":["destination"],"properties":{"destination":{"type":"string","minLength":1},"type":{"type":"string"},"source":{"type":"string"},"options":{"$ref":"#/definitions/Texts"},"uidMappings":{"type":"array","items":{"$ref":"#/definitions/IdMapping"}},"gidMappings":{"type":"array","items":{"$ref":"#/definitions/IdMapping"}}},"additionalProperties":false},"Process":{"type":"object","required":["cwd"],"properties":{"terminal":{"type":"boolean"},"consoleSize":{"$ref":"#/definitions/ConsoleSize"},"user":{"$ref":"#/definitions/User"},"cwd":{"type":"string","pattern":"^/"},"args":{"$ref":"#/definitions/Texts"},"commandLine":{"type":"string"},"env":{"$ref":"#/definitions/Texts"},"capabilities":{"$ref":"#/definitions/Capabilities"},"rlimits":{"type":"array","items":{"$ref":"#/definitions/Rlimit"}},"noNewPrivileges":{"type":"boolean"},"apparmorProfile":{"type":"string"},"selinuxLabel":{"type":"string"},"oomScoreAdj":{"type":"integer","minimum":-1000,"maximum":1000},"scheduler":{"$ref":"#/definitions/Scheduler"},"ioPriority":{"$ref":"#/definitions/IoPriority"},"execCPUAffinity":{"$ref":"#/definitions/ExecCpuAffinity"}},"additionalProperties":false},"ConsoleSize":{"type":"object","required":["height","width"],"properties":{"height":{"type":"integer","minimum":0,"maximum":65535},"width":{"type":"integer","minimum":0,"maximum":65535}},"additionalProperties":false},"User":{"type":"object","properties":{"uid":{"$ref":"#/definitions/Id"},"gid":{"$ref":"#/definitions/Id"},"umask":{"type":"integer","minimum":0,"maximum":511},"additionalGids":{"type":"array","items":{"$ref":"#/definitions/Id"}},"username":{"type":"string"}},"additionalProperties":false},"Capabilities":{"type":"object","properties":{"bounding":{"$ref":"#/definitions/CapabilityNames"},"effective":{"$ref":"#/definitions/CapabilityNames"},"inheritable":{"$ref":"#/definitions/CapabilityNames"},"permitted":{"$ref":"#/definitions/CapabilityNames"},"ambient":{"$ref":"#/definitions/CapabilityNames"}},"additionalProperties":false},"CapabilityNames":{"type":"array","items":{"$ref":"#/definitions/CapabilityName"}},"CapabilityName":{"type":"string","enum":["CAP_AUDIT_CONTROL","CAP_AUDIT_READ","CAP_AUDIT_WRITE","CAP_BLOCK_SUSPEND","CAP_BPF","CAP_CHECKPOINT_RESTORE","CAP_CHOWN","CAP_DAC_OVERRIDE","CAP_DAC_READ_SEARCH","CAP_FOWNER","CAP_FSETID","CAP_IPC_LOCK","CAP_IPC_OWNER","CAP_KILL","CAP_LEASE","CAP_LINUX_IMMUTABLE","CAP_MAC_ADMIN","CAP_MAC_OVERRIDE","CAP_MKNOD","CAP_NET_ADMIN","CAP_NET_BIND_SERVICE","CAP_NET_BROADCAST","CAP_NET_RAW","CAP_PERFMON","CAP_SETFCAP","CAP_SETGID","CAP_SETPCAP","CAP_SETUID","CAP_SYS_ADMIN","CAP_SYS_BOOT","CAP_SYS_CHROOT","CAP_SYS_MODULE","CAP_SYS_NICE","CAP_SYS_PACCT","CAP_SYS_PTRACE","CAP_SYS_RAWIO","CAP_SYS_RESOURCE","CAP_SYS_TIME","CAP_SYS_TTY_CONFIG","CAP_SYSLOG","CAP_WAKE_ALARM"]},"Rlimit":{"type":"object","required":["type","soft","hard"],"properties":{"type":{"$ref":"#/definitions/RlimitName"},"soft":{"$ref":"#/definitions/Uint64"},"hard":{"$ref":"#/definitions/Uint64"}},"additionalProperties":false},"RlimitName":{"type":"string","enum":["RLIMIT_AS","RLIMIT_CORE","RLIMIT_CPU","RLIMIT_DATA","RLIMIT_FSIZE","RLIMIT_LOCKS","RLIMIT_MEMLOCK","RLIMIT_MSGQUEUE","RLIMIT_NICE","RLIMIT_NOFILE","RLIMIT_NPROC","RLIMIT_RSS","RLIMIT_RTPRIO","RLIMIT_RTTIME","RLIMIT_SIGPENDING","RLIMIT_STACK"]},"Scheduler":{"type":"object","required":["policy"],"properties":{"policy":{"type":"string","enum":["SCHED_OTHER","SCHED_FIFO","SCHED_RR","SCHED_BATCH","SCHED_ISO","SCHED_IDLE","SCHED_DEADLINE"]},"nice":{"$ref":"#/definitions/Int32"},"priority":{"$ref":"#/definitions/Int32"},"flags":{"type":"array","items":{"type":"string","enum":["SCHED_FLAG_RESET_ON_FORK","SCHED_FLAG_RECLAIM","SCHED_FLAG_DL_OVERRUN","SCHED_FLAG_KEEP_POLICY","SCHED_FLAG_KEEP_PARAMS","SCHED_FLAG_UTIL_CLAMP_MIN","SCHED_FLAG_UTIL_CLAMP_MAX"]}},"runtime":{"$ref":"#/definitions/SafeUint"},"deadline":{"$ref":"#/definitions/SafeUint"},"period":{"$ref":"#/definitions/SafeUint"}},"additionalProperties":false},"IoPriority":{"type":"object","required":["class"],"properties":{"class":{"type":"string","enum":["IOPRIO_CLASS_RT","IOPRIO_CLASS_BE","IOPRIO_CLASS_IDLE"]},"priority":{"type":"integer","minimum":0,"maximum":7}},"additionalProperties":false},"ExecCpuAffinity":{"type":"object","properties":{"initial":{"$ref":"#/definitions/CpuList"},"final":{"$ref":"#/definitions/CpuList"}},"additionalProperties":false},"Hooks":{"type":"object","properties":{"prestart":{"$ref":"#/definitions/HookList"},"createRuntime":{"$ref":"#/definitions/HookList"},"createContainer":{"$ref":"#/definitions/HookList"},"startContainer":{"$ref":"#/definitions/HookList"},"poststart":{"$ref":"#/definitions/HookList"},"poststop":{"$ref":"#/definitions/HookList"}},"additionalProperties":false},"HookList":{"type":"array","items":{"$ref":"#/definitions/Hook"}},"Hook":{"type":"object","required":["path"],"properties":{"path":{"$ref":"#/definitions/AbsolutePath"},"args":{"$ref":"#/definitions/Texts"},"env":{"$ref":"#/definitions/Texts"},"timeout":{"type":"integer","minimum":1,"maximum":2147483647}},"additionalProperties":false},"Linux":{"type":"object","properties":{"namespaces":{"type":"array","items":{"$ref":"#/definitions/Namespace"}},"uidMappings":{"type":"array","items":{"$ref":"#/definitions/IdMapping"}},"gidMappings":{"type":"array","items":{"$ref":"#/definitions/IdMapping"}},"timeOffsets":{"type":"object","properties":{"monotonic":{"$ref":"#/definitions/TimeOffset"},"boottime":{"$ref":"#/definitions/TimeOffset"}},"additionalProperties":false},"devices":{"type":"array","items":{"$ref":"#/definitions/Device"}},"netDevices":{"type":"object","additionalProperties":{"$ref":"#/definitions/NetDevice"}},"cgroupsPath":{"type":"string"},"resources":{"$ref":"#/definitions/Resources"},"rootfsPropagation":{"type":"string","enum":["","private","rprivate","shared","rshared","slave","rslave","unbindable","runbindable"]},"seccomp":{"$ref":"#/definitions/Seccomp"},"sysctl":{"type":"object","additionalProperties":{"type":"string"}},"maskedPaths":{"type":"array","items":{"$ref":"#/definitions/AbsolutePath"}},"readonlyPaths":{"type":"array","items":{"$ref":"#/definitions/AbsolutePath"}},"mountLabel":{"type":"string"},"personality":{"$ref":"#/definitions/Personality"},"intelRdt":{"$ref":"#/definitions/IntelRdt"},"memoryPolicy":{"$ref":"#/definitions/MemoryPolicy"}},"additionalProperties":false},"Namespace":{"type":"object","required":["type"],"properties":{"type":{"$ref":"#/definitions/NamespaceType"},"path":{"type":"string","pattern":"^(/|$)"}},"additionalProperties":false},"NamespaceType":{"type":"string","enum":["pid","network","mount","ipc","uts","user","cgroup","time"]},"IdMapping":{"type":"object","required":["containerID","hostID","size"],"properties":{"containerID":{"$ref":"#/definitions/Uint32"},"hostID":{"$ref":"#/definitions/Uint32"},"size":{"$ref":"#/definitions/Uint32"}},"additionalProperties":false},"TimeOffset":{"type":"object","properties":{"secs":{"$ref":"#/definitions/SafeInt"},"nanosecs":{"type":"integer","minimum":0,"maximum":999999999}},"additionalProperties":false},"Device":{"type":"object","required":["type","path"],"properties":{"type":{"type":"string","enum":["c","b","u","p"]},"path":{"$ref":"#/definitions/AbsolutePath"},"major":{"$ref":"#/definitions/SafeInt"},"minor":{"$ref":"#/definitions/SafeInt"},"fileMode":{"$ref":"#/definitions/Uint32"},"uid":{"$ref":"#/definitions/Id"},"gid":{"$ref":"#/definitions/Id"}},"additionalProperties":false},"NetDevice":{"type":"object","properties":{"name":{"type":"string"}},"additionalProperties":false},"Resources":{"type":"object","properties":{"devices":{"type":"array","items":{"$ref":"#/definitions/DeviceRule"}},"memory":{"$ref":"#/definitions/Memory"},"cpu":{"$ref":"#/definitions/Cpu"},"pids":{"$ref":"#/definitions/Pids"},"blockIO":{"$ref":"#/definitions/BlockIo"},"hugepageLimits":{"type":"array","items":{"$ref":"#/definitions/HugepageLimit"}},"network":{"$ref":"#/definitions/NetworkResources"},"rdma":{"type":"object","additionalProperties":{"$ref":"#/definitions/Rdma"}},"unified":{"type":"object","additionalProperties":{"type":"string"}}},"additionalProperties":false},"DeviceRule":{"type":"object","required":["allow"],"properties":{"allow":{"type":"boolean"},"type":{"type":"string","enum":["","a","b","c"]},"major":{"$ref":"#/definitions/SafeInt"},"minor":{"$ref":"#/definitions/SafeInt"},"access":{"type":"string","pattern":"^([rwm]+a?)?$"}},"additionalProperties":false},"Memory":{"type":"object","properties":{"limit":{"$ref":"#/definitions/Limit"},"reservation":{"$ref":"#/definitions/Limit"},"swap":{"$ref":"#/definitions/Limit"},"kernel":{"$ref":"#/definitions/Limit"},"kernelTCP":{"$ref":"#/definitions/Limit"},"swappiness":{"type":"integer","minimum":0,"maximum":100},"disableOOMKiller":{"type":"boolean"},"useHierarchy":{"type":"boolean"},"checkBeforeUpdate":{"type":"boolean"}},"additionalProperties":false},"Cpu":{"type":"object","properties":{"shares":{"$ref":"#/definitions/SafeUint"},"quota":{"$ref":"#/definitions/SafeInt"},"burst":{"$ref":"#/definitions/SafeUint"},"period":{"$ref":"#/definitions/SafeUint"},"realtimeRuntime":{"$ref":"#/definitions/SafeInt"},"realtimePeriod":{"$ref":"#/definitions/SafeUint"},"cpus":{"$ref":"#/definitions/CpuList"},"mems":{"$ref":"#/definitions/CpuList"},"idle":{"$ref":"#/definitions/SafeInt"}},"additionalProperties":false},"Pids":{"type":"object","properties":{"limit":{"$ref":"#/definitions/Limit"}},"additionalProperties":false},"BlockIo":{"type":"object","properties":{"weight":{"$ref":"#/definitions/IoWeight"},"leafWeight":{"$ref":"#/definitions/IoWeight"},"weightDevice":{"type":"array","items":{"$ref":"#/definitions/WeightDevice"}},"throttleReadBpsDevice":{"$ref":"#/definitions/ThrottleDevices"},"throttleWriteBpsDevice":{"$ref":"#/definitions/ThrottleDevices"},"throttleReadIOPSDevice":{"$ref":"#/definitions/ThrottleDevices"},"throttleWriteIOPSDevice":{"$ref":"#/definitions/ThrottleDevices"}},"additionalProperties":false},"IoWeight":{"type":"integer","minimum":0,"maximum":1000},"WeightDevice":{"type":"object","required":["major","minor"],"properties":{"major":{"$ref":"#/definitions/SafeInt"},"minor":{"$ref":"#/definitions/SafeInt"},"weight":{"$ref":"#/definitions/IoWeight"},"leafWeight":{"$ref":"#/definitions/IoWeight"}},"additionalProperties":false},"ThrottleDevices":{"type":"array","items":{"$ref":"#/definitions/ThrottleDevice"}},"ThrottleDevice":{"type":"object","required":["major","minor","rate"],"properties":{"major":{"$ref":"#/definitions/SafeInt"},"minor":{"$ref":"#/definitions/SafeInt"},"rate":{"$ref":"#/definitions/Uint64"}},"additionalProperties":false},"HugepageLimit":{"type":"object","required":["pageSize","limit"],"properties":{"pageSize":{"type":"string","pattern":"^[1-9][0-9]*[KMGTP]B$"},"limit":{"$ref":"#/definitions/Uint64"}},"additionalProperties":false},"NetworkResources":{"type":"object","properties":{"classID":{"$ref":"#/definitions/Uint32"},"priorities":{"type":"array","items":{"$ref":"#/definitions/InterfacePriority"}}},"additionalProperties":false},"InterfacePriority":{"type":"object","required":["name","priority"],"properties":{"name":{"type":"string","minLength":1},"priority":{"$ref":"#/definitions/Uint32"}},"additionalProperties":false},"Rdma":{"type":"object","properties":{"hcaHandles":{"$ref":"#/definitions/Uint32"},"hcaObjects":{"$ref":"#/definitions/Uint32"}},"additionalProperties":false},"Seccomp":{"type":"object","required":["defaultAction"],"properties":{"defaultAction":{"$ref":"#/definitions/SeccompAction"},"defaultErrnoRet":{"$ref":"#/definitions/Errno"},"architectures":{"type":"array","items":{"$ref":"#/definitions/SeccompArch"}},"flags":{"type":"array","items":{"$ref":"#/definitions/SeccompFlag"}},"listenerPath":{"type":"string"},"listenerMetadata":{"type":"string"},"syscalls":{"type":"array","items":{"$ref":"#/definitions/SeccompSyscall"}}},"additionalProperties":false},"SeccompAction":{"type":"string","enum":["SCMP_ACT_KILL","SCMP_ACT_KILL_PROCESS","SCMP_ACT_KILL_THREAD","SCMP_ACT_TRAP","SCMP_ACT_ERRNO","SCMP_ACT_TRACE","SCMP_ACT_ALLOW","SCMP_ACT_LOG","SCMP_ACT_NOTIFY"]},"SeccompArch":{"type":"string","enum":["SCMP_ARCH_X86","SCMP_ARCH_X86_64","SCMP_ARCH_X32","SCMP_ARCH_ARM","SCMP_ARCH_AARCH64","SCMP_ARCH_MIPS","SCMP_ARCH_MIPS64","SCMP_ARCH_MIPS64N32","SCMP_ARCH_MIPSEL","SCMP_ARCH_MIPSEL64","SCMP_ARCH_MIPSEL64N32","SCMP_ARCH_PPC","SCMP_ARCH_PPC64","SCMP_ARCH_PPC64LE","SCMP_ARCH_S390","SCMP_ARCH_S390X","SCMP_ARCH_PARISC","SCMP_ARCH_PARISC64","SCMP_ARCH_RISCV64","SCMP_ARCH_LOONGARCH64","SCMP_ARCH_M68K","SCMP_ARCH_SH","SCMP_ARCH_SHEB"]},"SeccompFlag":{"type":"string","enum":["SECCOMP_FILTER_FLAG_TSYNC","SECCOMP_FILTER_FLAG_LOG","SECCOMP_FILTER_FLAG_SPEC_ALLOW","SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]},"Errno":{"type":"integer","minimum":0,"maximum":65535},"SeccompSyscall":{"type":"object","required":["names","action"],"properties":{"names":{"type":"array","minItems":1,"items":{"type":"string","minLength":1}},"action":{"$ref":"#/definitions/SeccompAction"},"errnoRet":{"$ref":"#/definitions/Errno"},"args":{"type":"array","items":{"$ref":"#/definitions/SeccompArg"}}},"additionalProperties":false},"SeccompArg":{"type":"object","required":["index","value","op"],"properties":{"index":{"type":"integer","minimum":0,"maximum":5},"value":{"$ref":"#/definitions/Uint64"},"valueTwo":{"$ref":"#/definitions/Uint64"},"op":{"$ref":"#/definitions/SeccompOperator"}},"additionalProperties":false},"SeccompOperator":{"type":"string","enum":["SCMP_CMP_NE","SCMP_CMP_LT","SCMP_CMP_LE","SCMP_CMP_EQ","SCMP_CMP_GE","SCMP_CMP_GT","SCMP_CMP_MASKED_EQ"]},"Personality":{"type":"object","required":["domain"],"properties":{"domain":{"type":"string","enum":["LINUX","LINUX32"]},"flags":{"$ref":"#/definitions/Texts"}},"additionalProperties":false},"IntelRdt":{"type":"object","properties":{"closID":{"type":"string"},"l3CacheSchema":{"type":"string","pattern":"^[^\\n]*$"},"memBwSchema":{"type":"string","pattern":"^(MB:[^\\n]*)?$"},"schemata":{"type":"array","items":{"type":"string","pattern":"^[^\\n]*$"}},"enableMonitoring":{"type":"boolean"}},"additionalProperties":false},"MemoryPolicy":{"type":"object","required":["mode"],"properties":{"mode":{"type":"string","enum":["MPOL_DEFAULT","MPOL_BIND","MPOL_INTERLEAVE","MPOL_WEIGHTED_INTERLEAVE","MPOL_PREFERRED","MPOL_PREFERRED_MANY","MPOL_LOCAL"]},"nodes":{"type":"string","pattern":"^[0-9,\\s-]*$"},"flags":{"type":"array","items":{"type":"string","enum":["MPOL_F_NUMA_BALANCING","MPOL_F_RELATIVE_NODES","MPOL_F_STATIC_NODES"]}}},"additionalProperties":false},"Vm":{"type":"object","properties":{"hypervisor":{"type":"object","required":["path"],"properties":{"path":{"type":"string"},"parameters":{"$ref":"#/definitions/Texts"}},"additionalProperties":false},"kernel":{"type":"object","required":["path"],"properties":{"path":{"type":"string"},"parameters":{"$ref":"#/definitions/Texts"},"initrd":{"type":"string"}},"additionalProperties":false},"image":{"type":"object","properties":{"path":{"type":"string"},"format":{"type":"string"}},"additionalProperties":false},"hwConfig":{"type":"object"},"hwconfig":{"type":"object"}},"additionalProperties":false}},"additionalProperties":false};
}
