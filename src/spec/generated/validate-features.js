// Generated from schemas/ by scripts/generate-spec.ts. Do not edit.
"use strict";
export const validate = validate21;

function validate22(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if((!(Array.isArray(data))) && (data !== null)){
vErrors = add(vErrors, instancePath, "type", {type: schema().definitions.Names.type});
errors++;
}
if(Array.isArray(data)){
const len0 = data.length;
for(let i0=0; i0<len0; i0++){
if(typeof data[i0] !== "string"){
vErrors = add(vErrors, instancePath+"/" + i0, "type", {type: "string"});
errors++;
}
}
}
validate22.errors = vErrors;
return errors === 0;
}


function validate28(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if((!(data && typeof data == "object" && !Array.isArray(data))) && (data !== null)){
vErrors = add(vErrors, instancePath, "type", {type: schema().definitions.CgroupFeatures.type});
errors++;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(((((key0 === "v1") || (key0 === "v2")) || (key0 === "systemd")) || (key0 === "systemdUser")) || (key0 === "rdma"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.v1 !== undefined){
let data0 = data.v1;
if((typeof data0 !== "boolean") && (data0 !== null)){
vErrors = add(vErrors, instancePath+"/v1", "type", {type: schema().definitions.CgroupFeatures.properties.v1.type});
errors++;
}
}
if(data.v2 !== undefined){
let data1 = data.v2;
if((typeof data1 !== "boolean") && (data1 !== null)){
vErrors = add(vErrors, instancePath+"/v2", "type", {type: schema().definitions.CgroupFeatures.properties.v2.type});
errors++;
}
}
if(data.systemd !== undefined){
let data2 = data.systemd;
if((typeof data2 !== "boolean") && (data2 !== null)){
vErrors = add(vErrors, instancePath+"/systemd", "type", {type: schema().definitions.CgroupFeatures.properties.systemd.type});
errors++;
}
}
if(data.systemdUser !== undefined){
let data3 = data.systemdUser;
if((typeof data3 !== "boolean") && (data3 !== null)){
vErrors = add(vErrors, instancePath+"/systemdUser", "type", {type: schema().definitions.CgroupFeatures.properties.systemdUser.type});
errors++;
}
}
if(data.rdma !== undefined){
let data4 = data.rdma;
if((typeof data4 !== "boolean") && (data4 !== null)){
vErrors = add(vErrors, instancePath+"/rdma", "type", {type: schema().definitions.CgroupFeatures.properties.rdma.type});
errors++;
}
}
}
validate28.errors = vErrors;
return errors === 0;
}


function validate30(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if((!(data && typeof data == "object" && !Array.isArray(data))) && (data !== null)){
vErrors = add(vErrors, instancePath, "type", {type: schema().definitions.SeccompFeatures.type});
errors++;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!((((((key0 === "enabled") || (key0 === "actions")) || (key0 === "operators")) || (key0 === "archs")) || (key0 === "knownFlags")) || (key0 === "supportedFlags"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.enabled !== undefined){
let data0 = data.enabled;
if((typeof data0 !== "boolean") && (data0 !== null)){
vErrors = add(vErrors, instancePath+"/enabled", "type", {type: schema().definitions.SeccompFeatures.properties.enabled.type});
errors++;
}
}
if(data.actions !== undefined){
if(!(validate22(data.actions, {instancePath:instancePath+"/actions"}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
if(data.operators !== undefined){
if(!(validate22(data.operators, {instancePath:instancePath+"/operators"}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
if(data.archs !== undefined){
if(!(validate22(data.archs, {instancePath:instancePath+"/archs"}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
if(data.knownFlags !== undefined){
if(!(validate22(data.knownFlags, {instancePath:instancePath+"/knownFlags"}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
if(data.supportedFlags !== undefined){
if(!(validate22(data.supportedFlags, {instancePath:instancePath+"/supportedFlags"}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
}
validate30.errors = vErrors;
return errors === 0;
}


function validate37(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if((!(data && typeof data == "object" && !Array.isArray(data))) && (data !== null)){
vErrors = add(vErrors, instancePath, "type", {type: schema().definitions.Enabled.type});
errors++;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(key0 === "enabled")){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.enabled !== undefined){
let data0 = data.enabled;
if((typeof data0 !== "boolean") && (data0 !== null)){
vErrors = add(vErrors, instancePath+"/enabled", "type", {type: schema().definitions.Enabled.properties.enabled.type});
errors++;
}
}
}
validate37.errors = vErrors;
return errors === 0;
}


function validate40(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if((!(data && typeof data == "object" && !Array.isArray(data))) && (data !== null)){
vErrors = add(vErrors, instancePath, "type", {type: schema().definitions.IntelRdtFeatures.type});
errors++;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(((key0 === "enabled") || (key0 === "schemata")) || (key0 === "monitoring"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.enabled !== undefined){
let data0 = data.enabled;
if((typeof data0 !== "boolean") && (data0 !== null)){
vErrors = add(vErrors, instancePath+"/enabled", "type", {type: schema().definitions.IntelRdtFeatures.properties.enabled.type});
errors++;
}
}
if(data.schemata !== undefined){
let data1 = data.schemata;
if((typeof data1 !== "boolean") && (data1 !== null)){
vErrors = add(vErrors, instancePath+"/schemata", "type", {type: schema().definitions.IntelRdtFeatures.properties.schemata.type});
errors++;
}
}
if(data.monitoring !== undefined){
let data2 = data.monitoring;
if((typeof data2 !== "boolean") && (data2 !== null)){
vErrors = add(vErrors, instancePath+"/monitoring", "type", {type: schema().definitions.IntelRdtFeatures.properties.monitoring.type});
errors++;
}
}
}
validate40.errors = vErrors;
return errors === 0;
}


function validate42(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if((!(data && typeof data == "object" && !Array.isArray(data))) && (data !== null)){
vErrors = add(vErrors, instancePath, "type", {type: schema().definitions.MemoryPolicyFeatures.type});
errors++;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!((key0 === "modes") || (key0 === "flags"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.modes !== undefined){
if(!(validate22(data.modes, {instancePath:instancePath+"/modes"}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
if(data.flags !== undefined){
if(!(validate22(data.flags, {instancePath:instancePath+"/flags"}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
}
validate42.errors = vErrors;
return errors === 0;
}


function validate46(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if((!(data && typeof data == "object" && !Array.isArray(data))) && (data !== null)){
vErrors = add(vErrors, instancePath, "type", {type: schema().definitions.MountExtensions.type});
errors++;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(key0 === "idmap")){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.idmap !== undefined){
if(!(validate37(data.idmap, {instancePath:instancePath+"/idmap"}))){
vErrors = vErrors === null ? validate37.errors : vErrors.concat(validate37.errors);
errors = vErrors.length;
}
}
}
validate46.errors = vErrors;
return errors === 0;
}


function validate25(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if((!(data && typeof data == "object" && !Array.isArray(data))) && (data !== null)){
vErrors = add(vErrors, instancePath, "type", {type: schema().definitions.LinuxFeatures.type});
errors++;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(["namespaces","capabilities","cgroup","seccomp","apparmor","selinux","intelRdt","memoryPolicy","mountExtensions","netDevices"].includes(key0))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.namespaces !== undefined){
if(!(validate22(data.namespaces, {instancePath:instancePath+"/namespaces"}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
if(data.capabilities !== undefined){
if(!(validate22(data.capabilities, {instancePath:instancePath+"/capabilities"}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
if(data.cgroup !== undefined){
if(!(validate28(data.cgroup, {instancePath:instancePath+"/cgroup"}))){
vErrors = vErrors === null ? validate28.errors : vErrors.concat(validate28.errors);
errors = vErrors.length;
}
}
if(data.seccomp !== undefined){
if(!(validate30(data.seccomp, {instancePath:instancePath+"/seccomp"}))){
vErrors = vErrors === null ? validate30.errors : vErrors.concat(validate30.errors);
errors = vErrors.length;
}
}
if(data.apparmor !== undefined){
if(!(validate37(data.apparmor, {instancePath:instancePath+"/apparmor"}))){
vErrors = vErrors === null ? validate37.errors : vErrors.concat(validate37.errors);
errors = vErrors.length;
}
}
if(data.selinux !== undefined){
if(!(validate37(data.selinux, {instancePath:instancePath+"/selinux"}))){
vErrors = vErrors === null ? validate37.errors : vErrors.concat(validate37.errors);
errors = vErrors.length;
}
}
if(data.intelRdt !== undefined){
if(!(validate40(data.intelRdt, {instancePath:instancePath+"/intelRdt"}))){
vErrors = vErrors === null ? validate40.errors : vErrors.concat(validate40.errors);
errors = vErrors.length;
}
}
if(data.memoryPolicy !== undefined){
if(!(validate42(data.memoryPolicy, {instancePath:instancePath+"/memoryPolicy"}))){
vErrors = vErrors === null ? validate42.errors : vErrors.concat(validate42.errors);
errors = vErrors.length;
}
}
if(data.mountExtensions !== undefined){
if(!(validate46(data.mountExtensions, {instancePath:instancePath+"/mountExtensions"}))){
vErrors = vErrors === null ? validate46.errors : vErrors.concat(validate46.errors);
errors = vErrors.length;
}
}
if(data.netDevices !== undefined){
if(!(validate37(data.netDevices, {instancePath:instancePath+"/netDevices"}))){
vErrors = vErrors === null ? validate37.errors : vErrors.concat(validate37.errors);
errors = vErrors.length;
}
}
}
validate25.errors = vErrors;
return errors === 0;
}


function validate21(data, {instancePath=""}={}){
/*# sourceURL="urn:tsoci:schema:features" */;
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.ociVersionMin === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "ociVersionMin"});
errors++;
}
if(data.ociVersionMax === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "ociVersionMax"});
errors++;
}
for(const key0 in data){
if(!(((((((key0 === "ociVersionMin") || (key0 === "ociVersionMax")) || (key0 === "hooks")) || (key0 === "mountOptions")) || (key0 === "linux")) || (key0 === "annotations")) || (key0 === "potentiallyUnsafeConfigAnnotations"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.ociVersionMin !== undefined){
if(typeof data.ociVersionMin !== "string"){
vErrors = add(vErrors, instancePath+"/ociVersionMin", "type", {type: "string"});
errors++;
}
}
if(data.ociVersionMax !== undefined){
if(typeof data.ociVersionMax !== "string"){
vErrors = add(vErrors, instancePath+"/ociVersionMax", "type", {type: "string"});
errors++;
}
}
if(data.hooks !== undefined){
if(!(validate22(data.hooks, {instancePath:instancePath+"/hooks"}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
if(data.mountOptions !== undefined){
if(!(validate22(data.mountOptions, {instancePath:instancePath+"/mountOptions"}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
if(data.linux !== undefined){
if(!(validate25(data.linux, {instancePath:instancePath+"/linux"}))){
vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
errors = vErrors.length;
}
}
if(data.annotations !== undefined){
let data5 = data.annotations;
if((!(data5 && typeof data5 == "object" && !Array.isArray(data5))) && (data5 !== null)){
vErrors = add(vErrors, instancePath+"/annotations", "type", {type: schema().properties.annotations.type});
errors++;
}
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
for(const key1 in data5){
if(typeof data5[key1] !== "string"){
vErrors = add(vErrors, instancePath+"/annotations/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"), "type", {type: "string"});
errors++;
}
}
}
}
if(data.potentiallyUnsafeConfigAnnotations !== undefined){
if(!(validate22(data.potentiallyUnsafeConfigAnnotations, {instancePath:instancePath+"/potentiallyUnsafeConfigAnnotations"}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
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
return made ??= {"$schema":"http://json-schema.org/draft-07/schema#","$id":"urn:tsoci:schema:features","type":"object","required":["ociVersionMin","ociVersionMax"],"properties":{"ociVersionMin":{"type":"string"},"ociVersionMax":{"type":"string"},"hooks":{"$ref":"#/definitions/Names"},"mountOptions":{"$ref":"#/definitions/Names"},"linux":{"$ref":"#/definitions/LinuxFeatures"},"annotations":{"type":["object","null"],"additionalProperties":{"type":"string"}},"potentiallyUnsafeConfigAnnotations":{"$ref":"#/definitions/Names"}},"definitions":{"Names":{"type":["array","null"],"items":{"type":"string"}},"Enabled":{"type":["object","null"],"properties":{"enabled":{"type":["boolean","null"]}},"additionalProperties":false},"LinuxFeatures":{"type":["object","null"],"properties":{"namespaces":{"$ref":"#/definitions/Names"},"capabilities":{"$ref":"#/definitions/Names"},"cgroup":{"$ref":"#/definitions/CgroupFeatures"},"seccomp":{"$ref":"#/definitions/SeccompFeatures"},"apparmor":{"$ref":"#/definitions/Enabled"},"selinux":{"$ref":"#/definitions/Enabled"},"intelRdt":{"$ref":"#/definitions/IntelRdtFeatures"},"memoryPolicy":{"$ref":"#/definitions/MemoryPolicyFeatures"},"mountExtensions":{"$ref":"#/definitions/MountExtensions"},"netDevices":{"$ref":"#/definitions/Enabled"}},"additionalProperties":false},"CgroupFeatures":{"type":["object","null"],"properties":{"v1":{"type":["boolean","null"]},"v2":{"type":["boolean","null"]},"systemd":{"type":["boolean","null"]},"systemdUser":{"type":["boolean","null"]},"rdma":{"type":["boolean","null"]}},"additionalProperties":false},"SeccompFeatures":{"type":["object","null"],"properties":{"enabled":{"type":["boolean","null"]},"actions":{"$ref":"#/definitions/Names"},"operators":{"$ref":"#/definitions/Names"},"archs":{"$ref":"#/definitions/Names"},"knownFlags":{"$ref":"#/definitions/Names"},"supportedFlags":{"$ref":"#/definitions/Names"}},"additionalProperties":false},"IntelRdtFeatures":{"type":["object","null"],"properties":{"enabled":{"type":["boolean","null"]},"schemata":{"type":["boolean","null"]},"monitoring":{"type":["boolean","null"]}},"additionalProperties":false},"MemoryPolicyFeatures":{"type":["object","null"],"properties":{"modes":{"$ref":"#/definitions/Names"},"flags":{"$ref":"#/definitions/Names"}},"additionalProperties":false},"MountExtensions":{"type":["object","null"],"properties":{"idmap":{"$ref":"#/definitions/Enabled"}},"additionalProperties":false}},"additionalProperties":false};
}
